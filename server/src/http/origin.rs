//! Which `Host` and `Origin` headers are answered: a page of another site must neither read nor listen, whatever name it gave to our address.

/// Which `Host` headers are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// `localhost`, `127.0.0.1`, `[::1]` and the like: nobody can rebind those names.
    Loopback,
    /// Any: the address was opened to a network on purpose.
    Any,
}
