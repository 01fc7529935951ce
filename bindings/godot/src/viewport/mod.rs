//! Pictures of viewports. Each way of reading back has a file: `rendering_device` (with `carrier`, the thread that copies), `opengl`
//! (with `gl_functions`, and `pixels` where there is no GPU), `image`; `picture` (what they are asked for) and `pacer` (how often)
//! are pure.

mod carrier;
mod gl_functions;
mod image;
mod opengl;
mod pacer;
mod picture;
mod pixels;
mod rendering_device;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use godot::builtin::{Callable, GString, PackedStringArray};
use godot::classes::{DisplayServer, Engine, INode, Node, RenderingServer, SubViewport, Viewport};
use godot::global::godot_warn;
use godot::obj::{Base, Gd, Singleton, WithBaseField};
use godot::register::{GodotClass, godot_api};
use rendercast::streamer::{Source, Streamer};
use rendercast::time;
use rendercast::units::{Size, SourceId, ViewerId};

use crate::cost;
use crate::server::RenderCastServer;
use pacer::Pacer;
use picture::Drawn;

/// How often a server or a viewer that is not there is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Streams what a viewport shows.
///
/// Without a [member viewport] that is the whole game. Several nodes of this kind with different [member source]s are several
/// pictures: each viewer sees the one that [method RenderCastServer.set_viewer_source] or [member viewer] gives it, which makes split
/// views of [SubViewport]s, whose [member SubViewport.render_target_update_mode] must then be
/// [constant SubViewport.UPDATE_ALWAYS].
/// [br][br]Pictures are read back without waiting for the GPU, and the game goes on drawing while its window is hidden.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct RenderCastViewport {
    /// What is streamed. Empty: the main viewport.
    #[export]
    viewport: Option<Gd<SubViewport>>,
    /// The name of this picture, for [method RenderCastServer.set_viewer_source]. Empty: the one that everybody sees at first.
    #[export]
    source: GString,
    /// The viewer that is shown this picture as soon as it is there. 0: nobody in particular.
    #[export]
    viewer: i64,
    /// Whether pictures are taken. Viewers keep the last one.
    #[export]
    #[init(val = true)]
    enabled: bool,
    reader: Option<Reader>,
    link: Option<Link>,
    pacer: Pacer,
    /// When a server or a viewer is looked for again.
    look_ns: u64,
    /// The viewer that was given this picture.
    shown_to: i64,
    base: Base<Node>,
}

/// The streamer that pictures go to.
struct Link {
    server: Gd<RenderCastServer>,
    streamer: Arc<Streamer>,
    source: Arc<Source>,
    largest: Size,
    /// Under which name the source is known.
    name: String,
}

/// A way of reading back, by what Godot renders with.
enum Reader {
    RenderingDevice(Arc<Mutex<rendering_device::Reader>>),
    OpenGl(Arc<Mutex<opengl::Reader>>),
    Image,
    /// Nothing is drawn at all.
    Nothing,
}

impl Reader {
    fn choose() -> Self {
        let rendering = RenderingServer::singleton();
        if rendering.get_rendering_device().is_some() {
            return Self::RenderingDevice(Arc::default());
        }
        if DisplayServer::singleton().get_name() == "headless" {
            return Self::Nothing;
        }
        Self::OpenGl(Arc::default())
    }

    /// Takes a picture, on whichever thread it has to be done.
    fn take(&mut self, viewport: &Viewport, drawn: Drawn) {
        match self {
            Self::RenderingDevice(reader) => on_render_thread(reader, move |reader| reader.take(&drawn)),
            Self::OpenGl(reader) => on_render_thread(reader, move |reader| reader.take(&drawn)),
            Self::Image => image::take(viewport, &drawn),
            Self::Nothing => {}
        }
    }

    /// Why this way does not work here; the next one is taken then.
    fn problem(&self) -> Option<String> {
        match self {
            Self::RenderingDevice(reader) => lock(reader).problem().map(str::to_owned),
            Self::OpenGl(reader) => lock(reader).problem().map(str::to_owned),
            Self::Image | Self::Nothing => None,
        }
    }

    fn close(self) {
        match self {
            Self::RenderingDevice(reader) => on_render_thread(&reader, rendering_device::Reader::close),
            Self::OpenGl(reader) => on_render_thread(&reader, opengl::Reader::close),
            Self::Image | Self::Nothing => {}
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// At once where Godot renders on the main thread, else soon.
fn on_render_thread<T: Send + 'static>(shared: &Arc<Mutex<T>>, run: impl Fn(&mut T) + Send + Sync + 'static) {
    let shared = Arc::clone(shared);
    let call = Callable::from_sync_fn("rendercast_read", move |_| {
        let _spending = cost::spending();
        run(&mut lock(&shared));
    });
    RenderingServer::singleton().call_on_render_thread(&call);
}

#[godot_api]
impl RenderCastViewport {
    /// After each picture that Godot has drawn.
    #[func]
    fn _frame_drawn(&mut self) {
        if !self.enabled {
            return;
        }
        let _spending = cost::spending();
        let now_ns = time::now().0;
        let Some(viewport) = self.shown() else { return };
        if !self.linked(now_ns) {
            return;
        }
        self.show(now_ns);
        let Some(link) = &self.link else { return };
        let watched = link.server.bind().is_watched();
        if !self.pacer.take(now_ns, link.streamer.config().video.fps, watched) {
            return;
        }
        let size = viewport.get_texture().map_or(Size::new(0, 0), |texture| {
            let side = |pixels: i32| u32::try_from(pixels).unwrap_or(0);
            Size::new(side(texture.get_width()), side(texture.get_height()))
        });
        if !size.is_valid() {
            return;
        }
        let texture = RenderingServer::singleton().viewport_get_texture(viewport.get_viewport_rid());
        let (source, largest) = (Arc::clone(&link.source), link.largest);
        let reader = self.reader.get_or_insert_with(Reader::choose);
        reader.take(&viewport, Drawn { source, texture, size, largest, drawn_ns: now_ns });
        if let Some(problem) = reader.problem() {
            godot_warn!("RenderCast: pictures are read back the slow way, since {problem}");
            if let Some(failed) = self.reader.replace(Reader::Image) {
                failed.close();
            }
        }
    }
}

impl RenderCastViewport {
    /// The viewport whose picture it is.
    fn shown(&self) -> Option<Gd<Viewport>> {
        match &self.viewport {
            Some(chosen) if chosen.is_instance_valid() => Some(chosen.clone().upcast()),
            // It is gone, and the whole game is not meant instead.
            Some(_) => None,
            None => Some(self.base().get_tree_or_null()?.get_root()?.upcast()),
        }
    }

    /// The name of its source: one viewer's own picture has one in any case.
    fn source_name(&self) -> String {
        let name = self.source.to_string();
        if name.is_empty() && self.viewer != 0 { format!("viewer {}", self.viewer) } else { name }
    }

    /// Finds the streamer and the source. Whether they are there.
    fn linked(&mut self, now_ns: u64) -> bool {
        let name = self.source_name();
        if let Some(link) = &self.link {
            let running = link.server.is_instance_valid().then(|| link.server.bind().streamer()).flatten();
            let same = running.is_some_and(|(streamer, _)| Arc::ptr_eq(&streamer, &link.streamer));
            if same && link.name == name {
                return true;
            }
            self.unlink();
        }
        if now_ns < self.look_ns {
            return false;
        }
        self.look_ns = now_ns + LOOK_EVERY.as_nanos() as u64;
        self.link = self.find(name);
        self.link.is_some()
    }

    fn find(&self, name: String) -> Option<Link> {
        let mut server = RenderCastServer::find(self.to_gd().upcast())?;
        let (streamer, largest) = server.bind().streamer()?;
        let number: SourceId = server.bind_mut().source(&name)?;
        let source = streamer.source(number).ok()?;
        Some(Link { server, streamer, source, largest, name })
    }

    fn unlink(&mut self) {
        if let Some(mut link) = self.link.take()
            && link.server.is_instance_valid()
        {
            link.server.bind_mut().forget_source(&link.name);
        }
        self.shown_to = 0;
    }

    /// Gives its viewer this picture.
    fn show(&mut self, now_ns: u64) {
        let Some(link) = self.link.as_ref().filter(|_| self.viewer != self.shown_to && now_ns >= self.look_ns) else {
            return;
        };
        self.look_ns = now_ns + LOOK_EVERY.as_nanos() as u64;
        let viewer = u32::try_from(self.viewer).map(ViewerId).ok();
        let shown = viewer.is_some_and(|viewer| link.streamer.set_viewer_source(Some(viewer), link.source.id).is_ok());
        if shown {
            self.shown_to = self.viewer;
        }
    }
}

#[godot_api]
impl INode for RenderCastViewport {
    fn enter_tree(&mut self) {
        if Engine::singleton().is_editor_hint() {
            return;
        }
        // Godot draws on while its window is hidden.
        DisplayServer::singleton().register_additional_output(&self.to_gd());
        RenderingServer::singleton().connect("frame_post_draw", &self.base().callable("_frame_drawn"));
    }

    fn exit_tree(&mut self) {
        if Engine::singleton().is_editor_hint() {
            return;
        }
        RenderingServer::singleton().disconnect("frame_post_draw", &self.base().callable("_frame_drawn"));
        DisplayServer::singleton().unregister_additional_output(&self.to_gd());
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
        self.unlink();
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        let chosen = self.viewport.as_ref().filter(|viewport| viewport.is_instance_valid());
        if let Some(viewport) = chosen {
            use godot::classes::sub_viewport::UpdateMode;
            if viewport.get_update_mode() != UpdateMode::ALWAYS {
                warnings.push(&GString::from(
                    "The SubViewport draws only while it is seen: set its update mode to Always, or viewers see it stand still.",
                ));
            }
        }
        warnings
    }
}
