//! A viewer as a program, for tests of hosts that are not written in Rust: opens the link, waits for picture and sound, does
//! something with every channel, says what answers come, and stays until its standard input ends. Says on standard output what it has come to.
//!
//!     viewer LINK [FRAMES]        watches until FRAMES pictures (default 10) and some sound have come, then acts

use std::io::Read;
use std::sync::atomic::Ordering;

use bytes::BytesMut;
use webrtc::data_channel::{DataChannel, DataChannelEvent};

#[allow(dead_code)] // it serves several programs
#[path = "viewer.rs"]
mod viewer;
use viewer::Viewer;

/// Presses and releases W, moves the mouse with the left button down, and turns the wheel, as pages of Unity Render Streaming 2 do.
const INPUT: [&[u8]; 4] =
    [&[0, 1, 0, 37, b'w'], &[1, 16, 0, 8, 0, 1], &[2, 0, 0, 0, 0, 0, 0, 200, 66], &[0, 0, 0, 37, 0]];

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1);
    let link = arguments.next().ok_or("usage: viewer LINK [FRAMES]")?;
    let wanted: u64 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut viewer = Viewer::open(&link).await?;
    println!("connected");
    if !viewer.wait(|r| r.video_frames.load(Ordering::Relaxed) >= wanted).await {
        return Err("no picture came".into());
    }
    println!("picture");
    if !viewer.wait(|r| r.audio_packets.load(Ordering::Relaxed) >= 10).await {
        return Err("no sound came".into());
    }
    println!("sound");
    let game = viewer.connection.create_data_channel("game", None).await?;
    for message in INPUT {
        send(&viewer.channel, message).await;
    }
    send_text(&game, "grüße").await;
    send(&game, &[0, 255, 7]).await;
    println!("acted");
    let mut answers = 0;
    // Whoever started this may answer on the channel, or end.
    let answered = async {
        while answers < 2
            && let Some(event) = game.poll().await
        {
            if let DataChannelEvent::OnMessage(message) = event {
                answers += 1;
                println!(
                    "{} {}",
                    if message.is_string { "text" } else { "bytes" },
                    String::from_utf8_lossy(&message.data)
                );
            }
        }
        std::future::pending::<()>().await;
    };
    // Ends when whoever started this closes the pipe, or ends itself.
    tokio::select! {
        ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())) => ended??,
        () = answered => unreachable!("it waits"),
    };
    viewer.leave().await;
    println!("left");
    Ok(())
}

/// Until the channel is open.
async fn send(channel: &std::sync::Arc<dyn DataChannel>, message: &[u8]) {
    while channel.send(BytesMut::from(message)).await.is_err() {
        tokio::task::yield_now().await;
    }
}

async fn send_text(channel: &std::sync::Arc<dyn DataChannel>, text: &str) {
    while channel.send_text(text).await.is_err() {
        tokio::task::yield_now().await;
    }
}
