//! Shows a picture on the device's own screen and falls over: tests/vm looks whether the console comes back.

use std::error::Error;
use std::time::Duration;

use edge_app::display::{DisplayWishes, kms};
use tiny_skia::{Color, Pixmap};

fn main() -> Result<(), Box<dyn Error>> {
    let mut display = kms::open(&DisplayWishes { size: None, connector: None })?.display;
    let size = display.size();
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("a screen without pixels")?;
    pixels.fill(Color::from_rgba8(200, 30, 30, 255));
    display.show(&pixels)?;
    println!("shown");
    std::thread::sleep(Duration::from_secs(3));
    panic!("as the test wants it");
}
