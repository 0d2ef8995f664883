//! Drawing on a pixmap: shapes, pictures and wrapped text, in pixels from the upper left corner.

use cosmic_text::{
    Align, Attrs, Buffer, Ellipsize, EllipsizeHeightLimit, Family, Metrics, Shaping, SwashContent, Weight, Wrap,
};
use lakshan_core::Frame;
use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, PixmapRef,
    PremultipliedColorU8, Stroke, Transform,
};

use super::fonts::{self, Fonts};
use super::theme::opaque;
use crate::text::Texts;

/// An upright box on the canvas, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Area {
    pub(super) fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width: width.max(0.0), height: height.max(0.0) }
    }

    /// Smaller by `margin` on every side.
    pub(super) fn inset(self, margin: f32) -> Self {
        Self::new(self.x + margin, self.y + margin, self.width - 2.0 * margin, self.height - 2.0 * margin)
    }

    pub(super) fn right(self) -> f32 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> f32 {
        self.y + self.height
    }

    /// The upper `height` of it, and the rest.
    pub(super) fn split_top(self, height: f32) -> (Self, Self) {
        let height = height.clamp(0.0, self.height);
        let rest = Self::new(self.x, self.y + height, self.width, self.height - height);
        (Self::new(self.x, self.y, self.width, height), rest)
    }

    /// The left `width` of it, and the rest.
    pub(super) fn split_left(self, width: f32) -> (Self, Self) {
        let width = width.clamp(0.0, self.width);
        let rest = Self::new(self.x + width, self.y, self.width - width, self.height);
        (Self::new(self.x, self.y, width, self.height), rest)
    }

    /// The largest square in the middle of it.
    pub(super) fn square(self) -> Self {
        let side = self.width.min(self.height);
        Self::new(self.x + (self.width - side) / 2.0, self.y + (self.height - side) / 2.0, side, side)
    }

    pub(super) fn contains(self, x: f32, y: f32) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// The same box seen in a mirror that is `width` wide.
    pub(super) fn flipped(self, width: f32) -> Self {
        Self { x: width - self.x - self.width, ..self }
    }

    /// The lower `height` of it, and what is above.
    pub(super) fn split_bottom(self, height: f32) -> (Self, Self) {
        let (above, below) = self.split_top(self.height - height);
        (below, above)
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Size of the em square, pixels.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) colour: [u8; 3],
    pub(super) align: Align,
    /// The most lines.
    pub(super) max_lines: usize,
    /// Distance of lines, in sizes.
    pub(super) leading: f32,
    /// May end in an ellipsis: words from outside, of unknown length.
    pub(super) may_shorten: bool,
    /// English in every language: words from outside, or for engineers.
    pub(super) foreign: bool,
}

impl Style {
    pub(super) fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    pub(super) fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    pub(super) fn max_lines(mut self, lines: usize) -> Self {
        self.max_lines = lines;
        self
    }

    pub(super) fn may_shorten(mut self) -> Self {
        self.may_shorten = true;
        self
    }

    pub(super) fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    pub(super) fn line_height(&self) -> f32 {
        (self.size * self.leading).round()
    }
}

/// A pixmap being drawn, with the fonts to write on it. In a language that is written from the right, everything that is
/// placed by an [`Area`] is placed as in a mirror; paths are not.
pub(super) struct Canvas<'a> {
    pub(super) pixmap: Pixmap,
    pub(super) fonts: &'a mut Fonts,
    /// Written from the right.
    rtl: bool,
    /// Areas are mirrored.
    pub(super) mirrored: bool,
    family: &'static str,
    leading: f32,
    /// Texts that are cut off, broken inside a word or do not fit where they belong. None, in a screen that is right.
    pub(super) cut: Vec<String>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(width: u32, height: u32, ground: [u8; 3], texts: &Texts, fonts: &'a mut Fonts) -> Self {
        let mut pixmap = Pixmap::new(width.max(1), height.max(1)).expect("at least one pixel");
        pixmap.fill(opaque(ground));
        Self::over(pixmap, texts, fonts)
    }

    /// Draws on over what is there.
    pub(super) fn over(pixmap: Pixmap, texts: &Texts, fonts: &'a mut Fonts) -> Self {
        let (language, rtl) = (texts.language(), texts.is_right_to_left());
        let (family, leading) = (fonts::family(language), fonts::leading(language));
        Self { pixmap, fonts, rtl, mirrored: rtl, family, leading, cut: Vec::new() }
    }

    /// A style of this language.
    pub(super) fn style(&self, size: f32, colour: [u8; 3]) -> Style {
        let (bold, align, max_lines) = (false, Align::Left, usize::MAX);
        Style { size, bold, colour, align, max_lines, leading: self.leading, may_shorten: false, foreign: false }
    }

    /// Where an area is on the pixmap.
    pub(super) fn place(&self, area: Area) -> Area {
        if self.mirrored { area.flipped(self.pixmap.width() as f32) } else { area }
    }

    pub(super) fn fill(&mut self, area: Area, colour: [u8; 3]) {
        self.fill_rounded(area, 0.0, colour);
    }

    pub(super) fn fill_rounded(&mut self, area: Area, radius: f32, colour: [u8; 3]) {
        if let Some(path) = rounded(self.place(area), radius) {
            self.fill_path(&path, colour);
        }
    }

    /// Draws the border of a box with round corners, inside of it.
    pub(super) fn outline(&mut self, area: Area, radius: f32, width: f32, colour: [u8; 3]) {
        if let Some(path) = rounded(self.place(area.inset(width / 2.0)), radius) {
            self.stroke_path(&path, width, colour);
        }
    }

    pub(super) fn fill_path(&mut self, path: &Path, colour: [u8; 3]) {
        self.pixmap.fill_path(path, &paint(colour), FillRule::EvenOdd, Transform::identity(), None);
    }

    pub(super) fn stroke_path(&mut self, path: &Path, width: f32, colour: [u8; 3]) {
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixmap.stroke_path(path, &paint(colour), &stroke, Transform::identity(), None);
    }

    /// Draws a picture over the whole of `area`, with a border line around it.
    pub(super) fn picture(&mut self, picture: &Frame, area: Area, border: [u8; 3]) {
        let area = self.place(area);
        let Some(mut source) = Pixmap::new(picture.width(), picture.height()) else { return };
        for (pixel, rgb) in source.pixels_mut().iter_mut().zip(picture.rgb().chunks_exact(3)) {
            *pixel = PremultipliedColorU8::from_rgba(rgb[0], rgb[1], rgb[2], 255).expect("opaque");
        }
        let scale = (area.width / picture.width() as f32, area.height / picture.height() as f32);
        let source = halved_until(source, scale.0.max(scale.1));
        let scale = (area.width / source.width() as f32, area.height / source.height() as f32);
        let transform = Transform::from_scale(scale.0, scale.1).post_translate(area.x, area.y);
        let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
        self.pixmap.draw_pixmap(0, 0, source.as_ref(), &paint, transform, None);
        if let Some(path) = rounded(area, 0.0) {
            self.stroke_path(&path, (area.width / 100.0).max(1.0), border);
        }
    }

    /// The height that `text` takes when wrapped to `width`.
    pub(super) fn text_height(&mut self, text: &str, style: Style, width: f32) -> f32 {
        let lines = self.layout(text, style, width).layout_runs().count().min(style.max_lines);
        lines as f32 * style.line_height()
    }

    /// The width of the longest line when wrapped to `width`.
    pub(super) fn text_width(&mut self, text: &str, style: Style, width: f32) -> f32 {
        self.layout(text, style, width).layout_runs().map(|run| run.line_w).fold(0.0, f32::max)
    }

    /// The largest size from `style.size` down to `least`, in steps of 5 %, at which `text` fits into `area` (width,
    /// height) unbroken inside words and not shortened; `least` when none does.
    pub(super) fn fitting(&mut self, text: &str, style: Style, area: (f32, f32), least: f32) -> Style {
        let mut fitted = style;
        while !self.fits(text, fitted, area) && fitted.size > least {
            fitted.size = (fitted.size * 0.95).max(least);
        }
        fitted
    }

    /// Whether `text` fits into `area` (width, height), unbroken inside words and not shortened.
    pub(super) fn fits(&mut self, text: &str, style: Style, area: (f32, f32)) -> bool {
        let whole = Style { max_lines: usize::MAX, may_shorten: false, ..style };
        let height = self.text_height(text, whole, area.0);
        let lines = (height / whole.line_height()).round() as usize;
        height <= area.1
            && lines <= style.max_lines
            && text.split_whitespace().all(|word| self.text_width(word, whole, f32::MAX) <= area.0)
    }

    /// Writes `text` at the top of `area` in the largest letters that fit, from `style.size` down to `least`; gives the
    /// height that it took.
    pub(super) fn block(&mut self, text: &str, style: Style, area: Area, least: f32) -> f32 {
        let style = self.fitting(text, style, (area.width, area.height), least);
        let height = self.text(text, style, (area.x, area.y), area.width);
        if height > area.height && !style.may_shorten {
            self.cut.push(text.to_owned());
        }
        height
    }

    /// The same, half-way between top and bottom of `area`.
    pub(super) fn centred(&mut self, text: &str, style: Style, area: Area, least: f32) {
        let style = self.fitting(text, style, (area.width, area.height), least);
        let height = self.text_height(text, style, area.width);
        let down = ((area.height - height) / 2.0).max(0.0).round();
        self.block(text, style, area.split_top(down).1, least);
    }

    /// Writes `text` wrapped to `width` with its upper left corner at (`x`, `y`); gives the height that it took.
    pub(super) fn text(&mut self, text: &str, style: Style, (x, y): (f32, f32), width: f32) -> f32 {
        let x = self.place(Area::new(x, y, width, 0.0)).x;
        let buffer = self.layout(text, style, width);
        let mut lines = 0;
        let mut cut = false;
        let mut line_before: Option<usize> = None;
        for run in buffer.layout_runs() {
            lines += 1;
            if lines > style.max_lines {
                cut |= !style.may_shorten;
                if style.may_shorten {
                    lines -= 1;
                    break;
                }
            }
            if line_before == Some(run.line_i) && !style.foreign {
                cut |= is_inside_word(run.text, run.glyphs.iter().map(|glyph| glyph.start).min().unwrap_or(0));
            }
            line_before = Some(run.line_i);
            for glyph in run.glyphs {
                let at = glyph.physical((x, y + run.line_y), 1.0);
                if let Some(image) = self.fonts.glyphs.get_image(&mut self.fonts.system, at.cache_key)
                    && image.content == SwashContent::Mask
                {
                    let corner = (at.x + image.placement.left, at.y - image.placement.top);
                    let size = (image.placement.width as usize, image.placement.height as usize);
                    cut |= !blend_mask(&mut self.pixmap, &image.data, size, corner, style.colour);
                }
            }
        }
        if cut {
            self.cut.push(text.to_owned());
        }
        lines as f32 * style.line_height()
    }

    fn layout(&mut self, text: &str, style: Style, width: f32) -> Buffer {
        let mut buffer = Buffer::new(&mut self.fonts.system, Metrics::new(style.size, style.line_height()));
        let weight = if style.bold { Weight::BOLD } else { Weight::NORMAL };
        let attrs = Attrs::new().family(Family::Name(self.family)).weight(weight);
        buffer.set_size(Some(width), None);
        buffer.set_wrap(Wrap::WordOrGlyph);
        // With more than one line, cosmic-text 0.19 would begin the later ones with the space it broke at.
        if style.max_lines == 1 && style.may_shorten {
            buffer.set_ellipsize(Ellipsize::End(EllipsizeHeightLimit::Lines(1)));
        }
        let align = match style.align {
            Align::Left if self.mirrored && !style.foreign => Align::Right,
            Align::Right if self.mirrored => Align::Left,
            align => align,
        };
        // The mark makes the line run from the right even when it begins with a Latin name.
        let marked;
        let words = if self.rtl && !style.foreign {
            marked = format!("\u{200f}{text}");
            &marked
        } else {
            text
        };
        buffer.set_text(words, &attrs, Shaping::Advanced, Some(align));
        buffer.shape_until_scroll(&mut self.fonts.system, false);
        buffer
    }
}

/// Whether the line that begins at byte `start` begins inside a word.
fn is_inside_word(text: &str, start: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(start..).and_then(|after| after.chars().next());
    matches!((before, after), (Some(before), Some(after)) if before.is_alphanumeric() && after.is_alphanumeric())
}

fn paint(colour: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(opaque(colour));
    paint
}

/// The outline of a box with round corners; `None` for an empty box.
pub(super) fn rounded(area: Area, radius: f32) -> Option<Path> {
    let rect = tiny_skia::Rect::from_xywh(area.x, area.y, area.width, area.height)?;
    if area.width <= 0.0 || area.height <= 0.0 {
        return None;
    }
    let r = radius.min(area.width / 2.0).min(area.height / 2.0);
    if r <= 0.0 {
        return Some(PathBuilder::from_rect(rect));
    }
    // A quarter circle as a cubic curve.
    let k = r * 0.552_284_8;
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    let mut path = PathBuilder::new();
    path.move_to(left + r, top);
    path.line_to(right - r, top);
    path.cubic_to(right - r + k, top, right, top + r - k, right, top + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - r + k, right - r + k, bottom, right - r, bottom);
    path.line_to(left + r, bottom);
    path.cubic_to(left + r - k, bottom, left, bottom - r + k, left, bottom - r);
    path.line_to(left, top + r);
    path.cubic_to(left, top + r - k, left + r - k, top, left + r, top);
    path.close();
    path.finish()
}

/// Averages 2 x 2 pixels until a last bilinear step by `scale` no longer skips any.
fn halved_until(mut source: Pixmap, mut scale: f32) -> Pixmap {
    while scale < 0.5 && source.width() >= 2 && source.height() >= 2 {
        source = halved(source.as_ref());
        scale *= 2.0;
    }
    source
}

fn halved(source: PixmapRef<'_>) -> Pixmap {
    let (width, height) = (source.width() / 2, source.height() / 2);
    let mut half = Pixmap::new(width, height).expect("both sides are at least 1");
    let from = source.pixels();
    for (at, pixel) in half.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (at % width as usize * 2, at / width as usize * 2);
        let first = y * source.width() as usize + x;
        let four = [first, first + 1, first + source.width() as usize, first + source.width() as usize + 1];
        let mean = |channel: fn(&PremultipliedColorU8) -> u8| {
            (four.iter().map(|i| u32::from(channel(&from[*i]))).sum::<u32>().div_ceil(4)).min(255) as u8
        };
        let (r, g, b) = (mean(|p| p.red()), mean(|p| p.green()), mean(|p| p.blue()));
        *pixel = PremultipliedColorU8::from_rgba(r, g, b, 255).expect("opaque");
    }
    half
}

/// Lays `colour` over the pixmap, as strongly as the mask says. The pixmap is opaque and stays so. Gives whether all of
/// the mask lies on it.
fn blend_mask(pixmap: &mut Pixmap, mask: &[u8], size: (usize, usize), corner: (i32, i32), colour: [u8; 3]) -> bool {
    let (width, height) = (pixmap.width() as i32, pixmap.height() as i32);
    let pixels = pixmap.pixels_mut();
    let mut whole = true;
    for (row, line) in mask.chunks_exact(size.0.max(1)).take(size.1).enumerate() {
        let y = corner.1 + row as i32;
        for (column, alpha) in line.iter().enumerate() {
            let x = corner.0 + column as i32;
            if *alpha == 0 {
                continue;
            }
            if !(0..width).contains(&x) || !(0..height).contains(&y) {
                whole = false;
                continue;
            }
            let pixel = &mut pixels[(y * width + x) as usize];
            let mix = |below: u8, above: u8| {
                let a = u32::from(*alpha);
                ((u32::from(above) * a + u32::from(below) * (255 - a) + 127) / 255) as u8
            };
            let [r, g, b] = colour;
            let (r, g, b) = (mix(pixel.red(), r), mix(pixel.green(), g), mix(pixel.blue(), b));
            *pixel = PremultipliedColorU8::from_rgba(r, g, b, 255).expect("opaque");
        }
    }
    whole
}
