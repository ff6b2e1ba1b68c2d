#!/bin/sh
# Installs lamb-auth from this folder, with completions and manual pages. Needs only a POSIX shell and its usual tools.
#   sh install.sh               into /usr/local
#   sh install.sh ~/.local      into another folder
#   sh install.sh --remove [FOLDER]
set -eu
case ${1-} in
  -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --remove) remove=yes; shift ;;
  -*) echo "install.sh: there is no option $1; see install.sh --help" >&2; exit 2 ;;
  *) remove= ;;
esac
[ $# -le 1 ] || { echo "install.sh: more than one folder given" >&2; exit 2; }
prefix=${1:-/usr/local}
here=$(dirname "$0")

# place MODE SOURCE TARGET: a new file takes the place of an old one at once, so a running program is not disturbed.
place() {
  if [ -n "$remove" ]; then
    rm -f "$prefix/$3"
  else
    mkdir -p "$(dirname "$prefix/$3")"
    cp "$here/$2" "$prefix/$3.new"
    chmod "$1" "$prefix/$3.new"
    mv "$prefix/$3.new" "$prefix/$3"
  fi
}

place 755 lamb-auth bin/lamb-auth
place 644 completions/lamb-auth.bash share/bash-completion/completions/lamb-auth
place 644 completions/_lamb-auth share/zsh/site-functions/_lamb-auth
place 644 completions/lamb-auth.fish share/fish/vendor_completions.d/lamb-auth.fish
for page in "$here"/man/*.1; do
  place 644 "man/${page##*/}" "share/man/man1/${page##*/}"
done

if [ -n "$remove" ]; then
  echo "removed from $prefix"
else
  echo "installed: $prefix/bin/lamb-auth"
  case :$PATH: in *:"$prefix/bin":*) ;; *) echo "$prefix/bin is not on the PATH" ;; esac
fi
