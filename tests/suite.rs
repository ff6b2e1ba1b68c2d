//! The tests that run the built program, and those that hold its stand-ins against real servers.
