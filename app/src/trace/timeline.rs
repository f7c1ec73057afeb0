//! The timeline of a trace. `rows`, `outline`, `row`, `viewport`, `layout`, `ticks` and `keyboard` are arithmetic without Leptos; `view` draws.

mod actions;
pub mod axis;
pub mod brush;
pub mod first_rows;
pub mod keyboard;
pub mod layout;
pub mod outline;
pub mod row;
pub mod row_view;
pub mod rows;
pub mod state;
pub mod ticks;
pub mod view;
pub mod viewport;

#[cfg(test)]
pub(crate) mod testing;
