//! `synthesise OUT WIDTH HEIGHT [SEED [ORIENTATION]]`: one photo such as a phone makes; with
//! `progressive` for the orientation as some programs store it.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, width, height, rest @ ..] = arguments.as_slice() else {
        return Err("usage: synthesise OUT WIDTH HEIGHT [SEED [ORIENTATION]]".into());
    };
    let seed = rest.first().map_or(Ok(1), |seed| seed.parse())?;
    let (width, height) = (width.parse()?, height.parse()?);
    if rest.get(1).is_some_and(|stored| stored == "progressive") {
        let bytes = lapor_photo::synth::progressive_photo(Path::new(out), seed, width, height)?;
        println!("{width} x {height} progressive bytes={bytes}");
        return Ok(());
    }
    let orientation = rest
        .get(1)
        .map_or(Ok(1), |orientation| orientation.parse())?;
    let bytes = lapor_photo::synth::camera_photo(Path::new(out), seed, width, height, orientation)?;
    println!("{width} x {height} bytes={bytes}");
    Ok(())
}
