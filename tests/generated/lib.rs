//! What lies generated in the repository is what its generators make of the source:
//! `RENDERCAST_BLESS=1 tests/run.sh generated` writes it anew.
#![cfg(test)]

mod bridge;
mod csharp;
#[path = "../support/exported.rs"]
mod exported;
mod header;
mod repository;
mod shaders;
