//! The timeline of a trace. `rows`, `outline`, `row`, `viewport`, `layout` and `ticks` are arithmetic without Leptos; `view` draws.

pub mod first_rows;
pub mod keyboard;
pub mod layout;
pub mod outline;
pub mod row;
pub mod rows;
pub mod ticks;
pub mod viewport;

#[cfg(test)]
mod testing;
