//! The test signaling server as a program, for tests with real browsers:
//!
//! ```text
//! cargo run --example urs-server -- [--port N] [--generation 1|2|5] [--private] [--web-socket] [--static DIR]
//! ```
//!
//! Prints its address on the first line. Pages of DIR are served at `/`.
#![allow(dead_code)] // most of the server is for tests in the same process

mod http;
mod urs;
mod urs_server;
mod urs_ws;

use std::io::Write;

use urs::Generation;
use urs_server::UrsServer;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut port, mut generation, mut private, mut web_socket, mut files) = (0, "5".to_owned(), false, false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--port" => port = value()?.parse()?,
            "--generation" => generation = value()?,
            "--private" => private = true,
            "--web-socket" => web_socket = true,
            "--static" => files = Some(value()?.into()),
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let generation = match generation.as_str() {
        "1" => Generation::First,
        "2" => Generation::Second { web_socket },
        "5" => Generation::Newest { private, web_socket },
        other => return Err(format!("generation {other} is not 1, 2 or 5").into()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let server = UrsServer::start(generation, port, files).await?;
        println!("{}", server.url());
        std::io::stdout().flush()?;
        std::future::pending::<()>().await;
        Ok(())
    })
}
