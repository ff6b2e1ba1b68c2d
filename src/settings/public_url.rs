//! Addresses for browsers, as LAMB's settings say them.

use super::{Origin, SettingValue, Settings, mask_url};

/// An address for browsers, with the setting that says it.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    /// The environment variable.
    pub name: &'static str,
    value: SettingValue,
}

impl PublicUrl {
    /// The address, for use: it may hold a password.
    pub fn text(&self) -> &str {
        self.value.text()
    }

    /// The address without its password.
    pub fn shown(&self) -> String {
        mask_url(self.text())
    }

    /// The variable, and where its value comes from.
    pub fn source(&self) -> String {
        format!("{} ({})", self.name, self.value.origin)
    }
}

impl Settings {
    /// LAMB's own address for browsers.
    pub fn lamb_public_url(&self) -> Option<PublicUrl> {
        self.first_url(&["LAMB_PUBLIC_BASE_URL", "LAMB_WEB_HOST"])
    }

    /// The address that LAMB puts into its link to Open WebUI. `None` where only a flag or a default says where Open
    /// WebUI is: then this is not LAMB's environment.
    pub fn owi_public_url(&self) -> Option<PublicUrl> {
        let url = self.first_url(&["OWI_PUBLIC_BASE_URL", "OWI_BASE_URL"])?;
        matches!(url.value.origin, Origin::Environment(_) | Origin::EnvFile(_)).then_some(url)
    }

    /// The first of these settings that has a text: LAMB takes the empty one for none.
    fn first_url(&self, names: &[&'static str]) -> Option<PublicUrl> {
        let set = names.iter().filter_map(|name| Some(PublicUrl { name, value: self.get(name)?.clone() }));
        set.into_iter().find(|url| !url.text().is_empty())
    }
}
