//! Where a window of before is put: on a screen that exists.

/// A rectangle in pixels of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// How much of the upper edge has to be on a screen for a hand to take it.
const GRIP: i64 = 120;

/// The height of the edge that a window is moved by.
const EDGE: i64 = 32;

/// The smallest window.
pub(crate) const SMALLEST: (f64, f64) = (1024.0, 640.0);

/// The usual window.
pub(crate) const USUAL: (f64, f64) = (1440.0, 900.0);

/// Where the upper left corner of a window of before goes: where it was, as far as it can be taken hold of there. None
/// where it cannot, and the desktop places it.
pub(crate) fn corner(position: (i32, i32), width: u32, screens: &[Area]) -> Option<(i32, i32)> {
    let (left, top) = (i64::from(position.0), i64::from(position.1));
    let right = left + i64::from(width);
    let reachable = screens.iter().any(|screen| {
        let (x, y) = (i64::from(screen.x), i64::from(screen.y));
        let (end, bottom) = (x + i64::from(screen.width), y + i64::from(screen.height));
        right.min(end) - left.max(x) >= GRIP && top >= y && top + EDGE <= bottom
    });
    reachable.then_some(position)
}

/// The size of a window of before: not smaller than a window may be, nor larger than the largest screen, in pixels as
/// they are at 100 %.
pub(crate) fn size(size: (f64, f64), largest: Option<(f64, f64)>) -> (f64, f64) {
    let fit = |wanted: f64, smallest: f64, largest: Option<f64>| {
        let wanted = if wanted.is_finite() { wanted } else { smallest };
        largest.map_or(wanted, |largest| wanted.min(largest)).max(smallest)
    };
    (
        fit(size.0, SMALLEST.0, largest.map(|(width, _)| width)),
        fit(size.1, SMALLEST.1, largest.map(|(_, height)| height)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: -1920, y: 0, width: 1920, height: 1080 };
    const MIDDLE: Area = Area { x: 0, y: 0, width: 2560, height: 1440 };

    #[test]
    fn a_window_goes_where_it_was_when_that_screen_is_there() {
        for (position, screens, expected) in [
            ((40, 60), &[MIDDLE][..], true),
            ((-1800, 60), &[LEFT, MIDDLE], true),
            ((-1800, 60), &[MIDDLE], false),
            // Its edge is above or below every screen.
            ((40, -10), &[MIDDLE], false),
            ((40, 1430), &[MIDDLE], false),
            // Only a sliver would be seen.
            ((2500, 60), &[MIDDLE], false),
            ((-1400, 60), &[MIDDLE], false),
            ((-1000, 60), &[MIDDLE], true),
            ((40, 60), &[], false),
            ((i32::MAX, i32::MIN), &[MIDDLE], false),
        ] {
            assert_eq!(corner(position, 1440, screens).is_some(), expected, "{position:?} on {screens:?}");
        }
    }

    #[test]
    fn a_window_is_no_larger_than_the_screens_and_no_smaller_than_it_may_be() {
        assert_eq!(size((1300.0, 800.0), Some((2560.0, 1440.0))), (1300.0, 800.0));
        assert_eq!(size((5000.0, 4000.0), Some((2560.0, 1440.0))), (2560.0, 1440.0));
        assert_eq!(size((10.0, f64::NAN), None), SMALLEST);
        assert_eq!(size((1300.0, 800.0), Some((800.0, 600.0))), SMALLEST);
    }
}
