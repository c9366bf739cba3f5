#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn each_orientation_puts_every_stored_pixel_where_it_belongs() {
    let (width, height) = (5, 3);
    for orientation in Orientation::ALL {
        let (wide, high) = orientation.upright_size(width, height);
        let mut canvas = Canvas::new(wide, high).unwrap();
        for y in 0..height {
            let row: Vec<_> = (0..width).map(|x| [x as u8, y as u8, 7]).collect();
            canvas.place(orientation, y, &row);
        }
        let rows: Vec<_> = canvas.rows().collect();
        for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
            let (to_x, to_y) = orientation.upright(x, y, width, height);
            assert_eq!(
                rows[to_y as usize][to_x as usize],
                [x as u8, y as u8, 7],
                "{orientation:?} {x} {y}"
            );
        }
    }
}

#[test]
fn a_photo_taken_with_the_phone_upright_is_turned_to_the_right() {
    // EXIF 6: the first stored row is the right side of the scene, its first pixel the top.
    assert_eq!(Orientation::from_exif(6).upright(0, 0, 4, 3), (2, 0));
    assert_eq!(Orientation::from_exif(8).upright(0, 0, 4, 3), (0, 3));
    assert_eq!(Orientation::from_exif(3).upright(0, 0, 4, 3), (3, 2));
    assert_eq!(Orientation::from_exif(0), Orientation::Upright);
    assert_eq!(Orientation::from_exif(9), Orientation::Upright);
}
