//! From parts of a picture to the coordinates of a viewport or of its window.

use godot::builtin::{Rect2, Transform2D, Vector2};
use godot::classes::Viewport;

#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// What the picture shows, in the viewport's own coordinates.
    shown: Rect2,
    transform: Transform2D,
}

impl Mapping {
    /// The viewport's own coordinates, as its nodes have them.
    pub fn local(viewport: &Viewport) -> Self {
        Self { shown: viewport.get_visible_rect(), transform: Transform2D::IDENTITY }
    }

    /// The pixels of the window around it, stretched and with black bars as it may be: what the system's own events are in.
    pub fn window(viewport: &Viewport) -> Self {
        let canvas = viewport.get_global_canvas_transform().affine_inverse();
        Self { shown: viewport.get_visible_rect(), transform: viewport.get_final_transform() * canvas }
    }

    pub fn point(&self, [x, y]: [f32; 2]) -> Vector2 {
        self.transform * (self.shown.position + Vector2::new(x, y) * self.shown.size)
    }

    pub fn vector(&self, [x, y]: [f32; 2]) -> Vector2 {
        self.transform.basis_xform(Vector2::new(x, y) * self.shown.size)
    }
}
