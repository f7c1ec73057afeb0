//! Tests of the whole engine, in one program, so that they are linked once. Claims about single parts stand beside the parts.

mod bed;
mod clock;
mod conformance;
mod damage;
mod extremes;
mod faults;
mod fixture;
mod memory;
mod names;
mod opening;
mod patience;
mod repeats;
mod rollups;
mod sample;
mod witness;
