//! A disk that is full, and one that fails: nothing acknowledged is lost, what is stored stays readable, and it goes on alone.
//! A program of its own, because its processes are wrapped by others and end badly on purpose.

mod failing;
mod full;
mod spans;
