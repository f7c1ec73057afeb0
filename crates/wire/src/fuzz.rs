//! Fuzz targets as plain functions: whatever the bytes, nothing panics and nothing grows beyond what the input justifies.
