//! Pages as a reader without JavaScript meets them.
