//! Small parts that every page is made of. They know tokens by class name and nothing of any page.

pub mod bar;
pub mod copy;
pub mod icon;
pub mod live_status;
pub mod note;
pub mod range;
pub mod service;
pub mod skeleton;
pub mod spark;
pub mod theme_switch;
