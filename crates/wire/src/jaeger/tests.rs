//! Claims about both languages, one file per kind of proof.

mod golden;
mod hostile;
mod meaning;
mod mutated;
mod oracle;
