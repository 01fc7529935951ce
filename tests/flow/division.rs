//! How the tracks of one viewer share its link: sound first, then equal parts, and what one cannot use is the other's.

use rendercast::streamer::{Direction, MediaKind, SenderParameters, TrackOptions};
use rendercast::units::SenderId;

use super::rungs::lost_nothing;
use super::sources::{Drawn, layers, until};
use super::*;

const CONFIG: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},"video":{
    "fps":50,"start_bitrate_kbps":1000,"min_bitrate_kbps":100,"max_bitrate_kbps":2000}}"#;
/// Sound, where nothing is lost.
const SOUND: u64 = 128;
/// What the page takes on its first track; its link is taken to carry half as much again, as often as there are tracks.
const FIRST: u32 = 600;
const MOST_OF_TWO: u64 = 2 * 900 + SOUND;

struct Scene {
    host: Host,
    drawn: Drawn,
    viewer: Viewer,
    number: ViewerId,
}

impl Scene {
    /// A viewer of the first source, and another source.
    async fn open() -> Self {
        let fake = |settings| Ok(Box::new(FakeEncoder::new(Codec::H264, settings)) as Box<dyn VideoEncoder>);
        let selector = Selector::with_candidates("auto", vec![Candidate::new("fake", Codec::H264, fake)]).unwrap();
        let host = Host::with(Streamer::with_selector(Config::from_json(CONFIG).unwrap(), selector).unwrap());
        let link = host.link().await;
        let drawn = Drawn::start(&host);
        let asked = Asked { most: Some(FIRST), ..Asked::default() };
        let mut viewer = Viewer::open_asking(&link, asked).await.unwrap();
        assert!(more_frames(&mut viewer, 3).await);
        let number = host.streamer.viewers()[0].viewer;
        Self { host, drawn, viewer, number }
    }

    /// Adds the other source's track.
    async fn add(&mut self) -> SenderId {
        let options = TrackOptions { source: self.drawn.source, ..TrackOptions::default() };
        let sender = self.host.streamer.add_track(self.number, options).unwrap();
        until(|| layers(&self.host) == [(0, 1), (1, 1)]).await;
        sender
    }

    /// What the link carries now, in kbit/s, and what the encoders of both sources are to make.
    fn now(&self) -> (u64, [Option<u64>; 2]) {
        let all = self.host.streamer.stats().layers;
        let of = |source| all.iter().find(|layer| layer.source == source && layer.viewers > 0);
        let made = [0, 1].map(|source| of(source).map(|layer| layer.target_bitrate_kbps));
        (self.host.streamer.viewer_figures(self.number).unwrap().estimate.kbps(), made)
    }

    /// Waits until the encoders have the parts that `parts` makes of the video that the link carries, whatever that is.
    async fn divided(&self, what: &str, parts: impl Fn(u64) -> [Option<u64>; 2]) {
        let near = |made: Option<u64>, part: Option<u64>| match (made, part) {
            // An encoder is not told of a change of 2 %.
            (Some(made), Some(part)) => made.abs_diff(part) <= part / 20,
            (made, part) => made == part,
        };
        let mut last = None;
        let fits = || {
            let (link, made) = self.now();
            let wanted = parts(link.saturating_sub(SOUND));
            let fits = near(made[0], wanted[0]) && near(made[1], wanted[1]);
            last = Some((link, made, wanted));
            fits
        };
        assert!(comes(fits).await, "{what}: the link, what is made of it, what should be: {last:?}");
    }
}

fn most(kbps: u64) -> SenderParameters {
    SenderParameters { max_bitrate: Some(Bitrate::from_kbps(kbps)), ..SenderParameters::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tracks_have_equal_parts_of_the_link_and_what_one_cannot_use_is_the_others() {
    let mut scene = Scene::open().await;
    let first = u64::from(FIRST);
    scene.divided("alone", |video| [Some(video.min(first)), None]).await;
    let sender = scene.add().await;
    let both = |first: u64| {
        move |video: u64| {
            let part = first.min(video / 2);
            [Some(part), Some(video - part)]
        }
    };
    scene.divided("two", both(first)).await;
    // From here on the first has all that it takes.
    until(|| scene.now().0.saturating_sub(SOUND) > 2 * first).await;
    let (link, made) = scene.now();
    assert!(link <= MOST_OF_TWO, "{link} kbit/s of {MOST_OF_TWO}, divided as {made:?}");

    let streamer = &scene.host.streamer;
    streamer.set_sender_parameters(scene.number, MediaKind::Video, most(200)).unwrap();
    scene.divided("the first has a bound", both(200)).await;
    streamer.set_sender_parameters(scene.number, MediaKind::Video, SenderParameters::default()).unwrap();
    streamer.set_track_parameters(scene.number, sender, most(150)).unwrap();
    scene.divided("the other has a bound", |video| [Some((video - 150).min(first)), Some(150)]).await;
    streamer.set_track_parameters(scene.number, sender, SenderParameters::default()).unwrap();
    scene.divided("none has a bound", both(first)).await;

    // Who rests has none of it, and has its part again.
    streamer.set_track_direction(scene.number, sender, Direction::INACTIVE).unwrap();
    scene.divided("the other rests", |video| [Some(video.min(first)), None]).await;
    streamer.set_track_direction(scene.number, sender, Direction::SENDONLY).unwrap();
    scene.divided("both again", both(first)).await;
    streamer.remove_track(scene.number, sender).unwrap();
    scene.divided("alone again", |video| [Some(video.min(first)), None]).await;
    lost_nothing(&scene.viewer);
    scene.viewer.leave().await;
}
