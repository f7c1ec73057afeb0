//! Claims about all four languages, one file per kind of proof.

mod golden;
mod hostile;
mod meaning;
mod mutated;
mod thrift;
