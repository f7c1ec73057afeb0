//! Claims about both decoders and both encoders together, one file per kind of proof.

mod counts;
mod golden;
mod hostile;
mod lenient;
mod mutated;
mod oracle;
mod round_trip;
mod salvaged;
mod spans;
mod walked;
