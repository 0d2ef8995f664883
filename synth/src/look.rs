//! How a subject looks apart from the head's shape: skin, eyes, hair, brows, lashes. All of it belongs to the person and
//! is the same in every photograph.

use lakshan_core::Sex;

use crate::brow::Brows;
use crate::chance::Chance;
use crate::render::{Eye, Hair, HairStyle, Skin};
use crate::signs::{Effect, Table};
use crate::subject::Subject;
use crate::vector::{V3, v3};

/// The look of one subject.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) skin: Skin,
    pub(crate) eye: Eye,
    pub(crate) hair: Hair,
    pub(crate) brows: Brows,
    /// Length of the lashes, 1 usual.
    pub(crate) lashes: f32,
    /// Degrees by which one eye turns in (positive) or out, and which eye: 0 right, 1 left.
    pub(crate) squint: (f32, usize),
}

/// The total amount of a drawn effect over the subject's signs.
fn amount(subject: &Subject, wanted: &str) -> f32 {
    let table = Table::get();
    let mut sum = 0.0;
    for feature in &subject.features {
        let Some(sign) = table.sign(&feature.sign) else { continue };
        for effect in &table.signs[sign].effects {
            if let Effect::Drawn { name, amount } = effect
                && name == wanted
            {
                sum += amount * feature.strength;
            }
        }
    }
    sum
}

impl Look {
    /// The look of `subject`; `chance` is the stream of the subject's looks.
    pub(crate) fn new(subject: &Subject, chance: &mut Chance) -> Self {
        let of = |name: &str| amount(subject, name);
        let offset =
            |chance: &mut Chance| v3(chance.range(0.0, 60.0), chance.range(0.0, 60.0), chance.range(0.0, 60.0));
        let tone = (f32::from(subject.skin_tone) + chance.range(-0.45, 0.45)).clamp(1.0, 10.0);
        let european = subject.ancestry.european;
        let (natural, light_hair) = hair_colour(subject, chance);
        let grey_by_age = ((subject.age_years - 33.0) / 60.0).max(0.0);
        let grey = of("hair:grey").mul_add(0.75, grey_by_age * chance.unit());
        // Fair hair is fair for the family: most of the way to blond, whatever the natural colour.
        let fair = (of("hair:fair") * 0.85).min(0.9);
        let colour = natural.mix(v3(0.50, 0.34, 0.16), fair);

        let bald = of("hair:bald") > 0.0;
        let style = hair_style(subject, chance);
        let style = if bald { HairStyle::Bald } else { style };
        let sparse = of("hair:sparse");
        let baby = ((2.0 - subject.age_years) / 1.5).clamp(0.0, 1.0) * chance.unit();
        let density = (1.0 - 0.85 * sparse.min(1.0)) * (1.0 - 0.5 * baby);
        let patches = of("hair:patches").min(1.1);
        let hairline = of("hair:hairline") + chance.normal_within(0.18, 0.4);
        let painted = match style {
            HairStyle::Bald => 0.0,
            HairStyle::Cropped => 0.82,
            _ => 0.92,
        };
        let beard_age = subject.sex == Sex::Male && subject.age_years > 17.0;
        let beard = if beard_age { chance.range(0.0, 0.75) * chance.unit() } else { 0.0 };

        let hair_offset = offset(chance);
        let skin = Skin {
            tone,
            redness: chance.range(0.15, 0.95),
            freckles: if chance.happens(0.15 * european) { chance.range(0.4, 1.0) } else { 0.0 },
            mottling: chance.range(0.2, 1.0),
            shine: chance.range(0.03, 0.14),
            offset: hair_offset,
            hirsutism: of("skin:hirsutism"),
            beard,
            red_lids: of("skin:red_lids"),
            wet_chin: of("skin:wet_chin"),
            lip_scar: of("skin:lip_scar") * if chance.happens(0.5) { 1.0 } else { -1.0 },
            hair_colour: colour,
            scalp_hair: painted * (0.25 + 0.75 * density) * if bald { 0.0 } else { 1.0 },
            low_nape: if bald { 0.0 } else { of("hair:low_nape") },
            patches,
        };
        let hair = Hair {
            style,
            colour,
            grey,
            hairline,
            density,
            patches,
            sparse_front: of("hair:sparse_front"),
            sideburn: of("hair:sideburn"),
            low_nape: of("hair:low_nape"),
            curl: hair_curl(subject, style, chance),
            part: chance.range(-0.7, 0.7),
            offset: hair_offset,
        };
        let pale = of("eye:pale_iris").min(1.0);
        let natural_iris = iris_colour(subject, light_hair, chance);
        let eye = Eye {
            iris: natural_iris.mix(v3(0.22, 0.34, 0.50), pale),
            iris_size: (1.0 + of("eye:iris_size")) * chance.range(0.96, 1.04),
            pupil: chance.range(0.30, 0.45),
            brushfield: of("eye:brushfield"),
            cloudy: of("eye:cloudy"),
            notch: of("eye:iris_notch"),
            offset: offset(chance),
        };
        let strabismus = of("eye:strabismus");
        let inward = if chance.happens(0.6) { 1.0 } else { -1.0 };
        let squint = (22.0 * strabismus * inward, chance.below(2));
        let lash = of("lash:length");
        let child = 1.0 + 0.8 * ((14.0 - subject.age_years) / 14.0).clamp(0.0, 1.0);
        let brow_colour = (colour.mix(natural, 0.35) * if natural.x > 0.15 { 0.62 } else { 0.9 }) * child;
        let brows = Brows::new(
            brow_colour,
            of("brow:density"),
            of("brow:synophrys"),
            of("brow:arch"),
            of("brow:flare"),
            subject,
            chance,
        );
        Self { skin, eye, hair, brows, lashes: (chance.range(0.8, 1.2) * (1.0 + 1.3 * lash)).max(0.0), squint }
    }
}

/// Natural hair colour, and whether it is light: mostly black to dark brown, lighter with European ancestry.
fn hair_colour(subject: &Subject, chance: &mut Chance) -> (V3, bool) {
    const BLACK: V3 = v3(0.012, 0.010, 0.009);
    const BROWN: V3 = v3(0.060, 0.033, 0.018);
    const LIGHT_BROWN: V3 = v3(0.15, 0.085, 0.042);
    const BLOND: V3 = v3(0.36, 0.24, 0.12);
    const RED: V3 = v3(0.22, 0.07, 0.025);
    let e = subject.ancestry.european;
    let weights = [1.0 - 0.85 * e, 0.25 + 0.45 * e, 0.35 * e * e, 0.3 * e.powi(3), 0.05 * e.powi(3)];
    let which = chance.weighted(&weights);
    let colour = [BLACK, BROWN, LIGHT_BROWN, BLOND, RED][which];
    (colour * chance.range(0.75, 1.3), which >= 2)
}

/// Natural iris colour: brown, and with European ancestry and light hair often green, grey or blue.
fn iris_colour(subject: &Subject, light_hair: bool, chance: &mut Chance) -> V3 {
    const DARK_BROWN: V3 = v3(0.045, 0.020, 0.009);
    const BROWN: V3 = v3(0.105, 0.050, 0.020);
    const HAZEL: V3 = v3(0.14, 0.095, 0.035);
    const GREEN: V3 = v3(0.13, 0.16, 0.085);
    const BLUE: V3 = v3(0.12, 0.20, 0.30);
    let e = subject.ancestry.european;
    let light = if light_hair { 1.0 } else { 0.35 };
    let weights = [1.0 - 0.7 * e, 0.5, 0.25 * e, 0.25 * e * e * light, 0.6 * e * e * light];
    [DARK_BROWN, BROWN, HAZEL, GREEN, BLUE][chance.weighted(&weights)] * chance.range(0.8, 1.25)
}

fn hair_style(subject: &Subject, chance: &mut Chance) -> HairStyle {
    use HairStyle::{Afro, Bob, Cropped, Long, Short, Swept, Tied};
    let african = subject.ancestry.african;
    if subject.age_years < 1.5 {
        return if chance.happens(0.7) { Cropped } else { Short };
    }
    let afro = chance.happens(0.35 * african);
    let styles = [Cropped, Short, Swept, Bob, Long, Tied];
    let weights = match subject.sex {
        Sex::Male => [0.35 + 0.4 * african, 0.4, 0.3, 0.02, 0.01, 0.0],
        Sex::Female => [0.05, 0.12, 0.12, 0.2, 0.25, 0.4],
    };
    let style = styles[chance.weighted(&weights)];
    if afro { Afro } else { style }
}

/// Waves to curls: how far strands turn about their course.
fn hair_curl(subject: &Subject, style: HairStyle, chance: &mut Chance) -> f32 {
    if style == HairStyle::Afro {
        return 1.0;
    }
    let a = subject.ancestry;
    let tendency = 0.7 * a.african + 0.08 * a.asian + 0.3 * a.european;
    (tendency * chance.range(0.2, 1.6)).min(1.0) * 0.8
}
