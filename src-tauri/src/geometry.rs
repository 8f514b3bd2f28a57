//! Where a window of before is put: on a screen that exists. All in pixels as they are at 100 %.

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// How much of the upper edge has to be on a screen for a hand to take it.
const GRIP: f64 = 120.0;

/// The height of the edge that a window is moved by.
const EDGE: f64 = 32.0;

/// The smallest window.
pub(crate) const SMALLEST: (f64, f64) = (1024.0, 640.0);

/// The usual window.
pub(crate) const USUAL: (f64, f64) = (1440.0, 900.0);

/// Whether a window can be taken hold of where it was. Where not, the desktop places it.
pub(crate) fn reachable((left, top): (f64, f64), width: f64, screens: &[Area]) -> bool {
    screens.iter().any(|screen| {
        let seen = (left + width).min(screen.x + screen.width) - left.max(screen.x);
        seen >= GRIP && top >= screen.y && top + EDGE <= screen.y + screen.height
    })
}

/// The size of a window of before: not larger than the largest screen, nor smaller than a window may be.
pub(crate) fn size(before: (f64, f64), screens: &[Area]) -> (f64, f64) {
    let fit = |wanted: f64, smallest: f64, of: fn(&Area) -> f64| {
        let largest = screens.iter().map(of).reduce(f64::max).unwrap_or(wanted);
        wanted.min(largest).max(smallest)
    };
    (fit(before.0, SMALLEST.0, |screen| screen.width), fit(before.1, SMALLEST.1, |screen| screen.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: -1920.0, y: 0.0, width: 1920.0, height: 1080.0 };
    const MIDDLE: Area = Area { x: 0.0, y: 0.0, width: 2560.0, height: 1440.0 };
    const SMALL: Area = Area { x: 0.0, y: 0.0, width: 800.0, height: 600.0 };

    #[test]
    fn a_window_goes_where_it_was_when_that_screen_is_there() {
        for (position, screens, expected) in [
            ((40.0, 60.0), &[MIDDLE][..], true),
            ((-1800.0, 60.0), &[LEFT, MIDDLE], true),
            ((-1800.0, 60.0), &[MIDDLE], false),
            // Its edge is above or below every screen.
            ((40.0, -10.0), &[MIDDLE], false),
            ((40.0, 1430.0), &[MIDDLE], false),
            // Only a sliver would be seen.
            ((2500.0, 60.0), &[MIDDLE], false),
            ((-1400.0, 60.0), &[MIDDLE], false),
            ((-1000.0, 60.0), &[MIDDLE], true),
            ((40.0, 60.0), &[], false),
            ((f64::NAN, f64::INFINITY), &[MIDDLE], false),
        ] {
            assert_eq!(reachable(position, 1440.0, screens), expected, "{position:?} on {screens:?}");
        }
    }

    #[test]
    fn a_window_is_no_larger_than_the_screens_and_no_smaller_than_it_may_be() {
        assert_eq!(size((1300.0, 800.0), &[SMALL, MIDDLE]), (1300.0, 800.0));
        assert_eq!(size((5000.0, 4000.0), &[SMALL, MIDDLE]), (2560.0, 1440.0));
        assert_eq!(size((1300.0, 800.0), &[SMALL]), SMALLEST);
        assert_eq!(size((10.0, f64::NAN), &[]), SMALLEST);
    }
}
