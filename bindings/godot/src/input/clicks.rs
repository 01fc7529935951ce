//! Two clicks in one place are a double click. Pure.

/// As Godot has it on its own windows (X11).
const LONGEST_NS: u64 = 400_000_000;
const FARTHEST: f32 = 5.0;

#[derive(Debug, Default)]
pub struct Clicks {
    last: Option<(i32, [f32; 2], u64)>,
}

impl Clicks {
    /// Whether this press is the second of two. `at` is in pixels.
    pub fn press(&mut self, button: i32, at: [f32; 2], now_ns: u64) -> bool {
        let is_second = self.last.is_some_and(|(last, place, then)| {
            let far = (place[0] - at[0]).hypot(place[1] - at[1]) > FARTHEST;
            last == button && !far && now_ns.saturating_sub(then) <= LONGEST_NS
        });
        // The third click of three begins anew.
        self.last = (!is_second).then_some((button, at, now_ns));
        is_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_click_near_the_first_and_soon_after_it_is_double() {
        let mut clicks = Clicks::default();
        assert!(!clicks.press(1, [10.0, 10.0], 0));
        assert!(clicks.press(1, [13.0, 13.0], LONGEST_NS));
        assert!(!clicks.press(1, [13.0, 13.0], LONGEST_NS + 1), "the third of three");
        assert!(!clicks.press(2, [13.0, 13.0], LONGEST_NS + 2), "another button");
        assert!(!clicks.press(2, [19.0, 13.0], LONGEST_NS + 3), "elsewhere");
        assert!(!clicks.press(2, [19.0, 13.0], 3 * LONGEST_NS), "later");
    }
}
