//! One photograph of one subject: pose, expression, camera, and everything in front of it.

use serde::{Deserialize, Serialize};

use crate::brow;
use crate::chance::Chance;
use crate::geometry::CENTRE;
use crate::head::HeadModel;
use crate::look::Look;
use crate::render::{self, Background, Camera, Cloth, DepthMap, Lighting, Material, Raster, Scene, Sensor, Vertex};
use crate::render::{Ground, Surfaces, add_eye, clothed, normals};
use crate::shape::{self, Expression};
use crate::subject::{HAIR_STREAM, LOOK_STREAM, PHOTO_STREAM, SHAPE_STREAM, Subject};
use crate::vector::{Rotation, V3, smoothstep, v3};

/// A JPEG and how it was taken.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// The encoded picture, `size` x `size` pixels.
    pub jpeg: Vec<u8>,
    /// How it was taken.
    pub capture: Capture,
}

/// How a photograph was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// Head turned towards the picture's right (positive), degrees.
    pub yaw_deg: f32,
    /// Head bent down (positive), degrees.
    pub pitch_deg: f32,
    /// Head tilted clockwise in the picture (positive), degrees.
    pub roll_deg: f32,
    /// JPEG quality, 60 to 95.
    pub jpeg_quality: u8,
    /// The kind of light: window, indoor, overcast, flash or sun.
    pub light: String,
    /// Distance of the camera, metres.
    pub distance_m: f32,
    /// Centres of the subject's right and left eyeball in the picture, pixels from the top left corner.
    pub eyes: [[f32; 2]; 2],
}

/// Where the neck bends, on the base mesh.
const PIVOT: V3 = v3(0.0, 6.45, 0.25);

/// Takes photograph number `photo` of `subject`, `size` pixels square.
///
/// The same subject, number and size always give the same bytes. Photographs of one subject differ in pose, expression,
/// light, camera, background and clothing only.
pub fn photograph(model: &HeadModel, subject: &Subject, photo: u32, size: u32) -> Photograph {
    let look = Look::new(subject, &mut Chance::new(subject.key, LOOK_STREAM));
    let mut chance = Chance::new(subject.key, PHOTO_STREAM + u64::from(photo));
    let pose = Pose::draw(&mut chance);
    let expression = draw_expression(&mut chance);
    let lighting = Lighting::draw(&mut chance);
    let background = Background::draw(&mut chance);
    let cloth = draw_cloth(&mut chance);

    let coarse = shape::shape(model, subject, &mut Chance::new(subject.key, SHAPE_STREAM), &expression);
    let fine = model.division.apply(&coarse);
    let frame = Framing::draw(&mut chance, &fine, model, &pose, size as f32);
    let camera = frame.camera;
    let towards_camera = v3(0.0, 0.0, 1.0);

    let mut scene = Scene::default();
    add_body(&mut scene, model, &fine, &look, &pose, frame.origin);
    let head_triangles: Vec<[u32; 3]> = scene.triangles.iter().map(|t| t.0).collect();
    let places: Vec<V3> = scene.vertices.iter().map(|v| v.place).collect();
    let shadow = DepthMap::new(&places, &head_triangles, lighting.lamps[0].towards, 420);

    let place = |p: V3, rest: V3| pose.place(p, rest) - frame.origin;
    let gaze = (chance.normal_within(5.0, 12.0), chance.normal_within(3.0, 8.0));
    let eyes = add_eyes(&mut scene, model, &coarse, &look, &pose, &place, gaze);
    let mut hairs = Chance::new(subject.key, HAIR_STREAM);
    let mut ground = Ground { scene: &mut scene, model, vertices: &fine, pose: &place, towards_camera };
    look.brows.grow(&mut ground, &mut hairs);
    ground.vertices = &coarse;
    brow::lashes(&mut ground, look.lashes);
    ground.vertices = &fine;
    look.hair.grow(&mut ground, &mut hairs);

    let raster = Raster::new(&scene, &camera, size as usize);
    let surfaces = Surfaces {
        skin: &look.skin,
        eye: &look.eye,
        hair: &look.hair,
        brow_colour: look.brows.colour,
        cloth,
        lighting: &lighting,
        shadow: &shadow,
        middle: place(CENTRE, v3(0.0, 9.0, 0.0)),
    };
    let (light, brightness) = render::shade(&scene, &raster, &camera, &surfaces, &background);
    let picture = Sensor::draw(&mut chance, brightness).develop(light, size as usize);

    let jpeg_quality = 60 + chance.below(36) as u8;
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, jpeg_quality)
        .encode_image(&picture)
        .expect("encoding into memory cannot fail");
    let capture = Capture {
        yaw_deg: pose.yaw,
        pitch_deg: pose.pitch,
        roll_deg: pose.roll,
        jpeg_quality,
        light: lighting.name.into(),
        distance_m: camera.distance / 10.0,
        eyes: eyes.map(|p| {
            let (x, y, _) = camera.project(p);
            [x, y]
        }),
    };
    Photograph { jpeg, capture }
}

/// How the head is held.
struct Pose {
    yaw: f32,
    pitch: f32,
    roll: f32,
    head: Rotation,
    body: Rotation,
}

impl Pose {
    fn draw(chance: &mut Chance) -> Self {
        let yaw = chance.normal_within(10.0, 25.0);
        let pitch = chance.normal_within(7.0, 18.0);
        let roll = chance.normal_within(6.0, 16.0);
        let rotation = |share: f32| {
            Rotation::pitch_yaw_roll(
                (pitch * share).to_radians(),
                (yaw * share).to_radians(),
                (-roll * share).to_radians(),
            )
        };
        Self { yaw, pitch, roll, head: rotation(1.0), body: rotation(0.3) }
    }

    /// Where `p`, which lies at `rest` on the base mesh, comes to be; the neck bends between head and shoulders.
    fn place(&self, p: V3, rest: V3) -> V3 {
        self.turn(p - PIVOT, rest) + PIVOT
    }

    fn turn(&self, v: V3, rest: V3) -> V3 {
        let head = smoothstep(5.75, 6.5, rest.y + 0.35 * (0.3 - rest.z));
        self.body.turn(v).mix(self.head.turn(v), head)
    }
}

/// The camera, and the point it looks at.
struct Framing {
    camera: Camera,
    origin: V3,
}

impl Framing {
    fn draw(chance: &mut Chance, fine: &[V3], model: &HeadModel, pose: &Pose, size: f32) -> Self {
        let (mut low, mut high) = (V3::splat(f32::MAX), V3::splat(f32::MIN));
        for (&p, &rest) in fine.iter().zip(&model.regions.rest) {
            if rest.y > 6.15 {
                let p = pose.place(p, rest);
                low = v3(low.x.min(p.x), low.y.min(p.y), low.z.min(p.z));
                high = v3(high.x.max(p.x), high.y.max(p.y), high.z.max(p.z));
            }
        }
        let origin = (low + high) * 0.5;
        let height = high.y - low.y;
        let distance = chance.range(6.5, 18.0);
        let share = chance.range(0.45, 0.74);
        let focal = share * size * distance / height;
        // Off the middle, but never so far that the vault leaves the picture.
        let free = 0.5 * (1.0 - share);
        let dx = chance.normal_within(0.05, 0.12) * size;
        let dy = chance.range(-0.55, 0.35) * free * size;
        Self { camera: Camera { distance, focal, centre: (size / 2.0 + dx, size / 2.0 + dy) }, origin }
    }
}

/// Mostly neutral, often a smile, sometimes an open mouth, half-closed or wide eyes.
fn draw_expression(chance: &mut Chance) -> Expression {
    let mut expression = Vec::new();
    if chance.happens(0.4) {
        let smile = chance.range(0.15, 0.7);
        expression.push(("mouth-corner-puller", smile));
        expression.push(("eye-left-slit", 0.15 * smile));
        expression.push(("eye-right-slit", 0.15 * smile));
    }
    if chance.happens(0.18) {
        expression.push(("mouth-open", chance.range(0.03, 0.14)));
    }
    if chance.happens(0.12) {
        expression.push(("mouth-depression", chance.range(0.1, 0.35)));
    }
    let lids = chance.normal_within(0.1, 0.22);
    for (closing, opening) in [("eye-left-closure", "eye-left-opened-up"), ("eye-right-closure", "eye-right-opened-up")]
    {
        if lids > 0.0 {
            expression.push((closing, lids));
        } else {
            expression.push((opening, -lids));
        }
    }
    let brows = chance.normal_within(0.15, 0.4);
    for (raising, lowering) in
        [("eyebrows-left-up", "eyebrows-left-down"), ("eyebrows-right-up", "eyebrows-right-down")]
    {
        expression.push(if brows > 0.0 { (raising, brows) } else { (lowering, -brows) });
    }
    expression
}

fn draw_cloth(chance: &mut Chance) -> Cloth {
    let mut dye = || {
        let grey = chance.range(0.02, 0.6);
        v3(grey * chance.range(0.4, 1.5), grey * chance.range(0.4, 1.4), grey * chance.range(0.4, 1.5))
            .map(|c| c.min(0.85))
    };
    let (colour, second) = (dye(), dye());
    let stripes = if chance.happens(0.25) { chance.range(2.0, 7.0) } else { 0.0 };
    Cloth { colour, second, stripes }
}

/// Skin, clothing, teeth and tongue.
fn add_body(scene: &mut Scene, model: &HeadModel, fine: &[V3], look: &Look, pose: &Pose, origin: V3) {
    let regions = &model.regions;
    let normals = normals(fine, &model.division.quads);
    for (v, (&p, &normal)) in fine.iter().zip(&normals).enumerate() {
        let rest = regions.rest[v];
        let p = p + normal * (0.05 * clothed(rest));
        let scalp = if regions.ears[v] < 0.3 && rest.y > 6.0 { look.hair.scalp(rest) } else { 0.0 };
        scene.vertex(Vertex {
            place: pose.place(p, rest) - origin,
            normal: pose.turn(normal, rest),
            rest,
            masks: [regions.lips[v], regions.openness[v], scalp, regions.inside[v]],
        });
    }
    for (i, &quad) in model.division.quads.iter().enumerate() {
        let material = if i >= model.skin_quads + model.teeth_quads {
            Material::Tongue
        } else if i >= model.skin_quads {
            Material::Teeth
        } else {
            Material::Skin
        };
        scene.quad(quad, material);
    }
}

/// Both eyeballs; gives their places. `gaze` is how far (degrees right, down) the subject looks past the camera.
fn add_eyes(
    scene: &mut Scene,
    model: &HeadModel,
    coarse: &[V3],
    look: &Look,
    pose: &Pose,
    place: &dyn Fn(V3, V3) -> V3,
    gaze: (f32, f32),
) -> [V3; 2] {
    let up = pose.head.turn(v3(0.0, 1.0, 0.0));
    // Eyes can turn about 20 degrees in comfort: a strongly turned head does not quite look at the camera.
    let ahead = pose.head.turn_back(v3(0.0, 0.0, 1.0));
    let (mut yaw, mut pitch) = (ahead.x.atan2(ahead.z).to_degrees(), ahead.y.asin().to_degrees());
    yaw = yaw.clamp(-18.0, 18.0) + gaze.0;
    pitch = pitch.clamp(-12.0, 12.0) - gaze.1;
    std::array::from_fn(|side| {
        let eye = &model.eyeballs[side];
        let mean = |source: &[V3]| eye.iter().fold(V3::ZERO, |s, &v| s + source[v as usize]) * (1.0 / eye.len() as f32);
        let (centre, rest) = (mean(coarse), mean(&model.rest));
        let radius = eye.iter().map(|&v| (coarse[v as usize] - centre).length()).sum::<f32>() / eye.len() as f32;
        let turned_in = if side == look.squint.1 { look.squint.0 } else { 0.0 };
        // In is towards the nose: to the subject's left (positive x) for the right eye.
        let yaw = (yaw + turned_in * if side == 0 { 1.0 } else { -1.0 }).to_radians();
        let pitch = pitch.to_radians();
        let direction = pose.head.turn(v3(yaw.sin() * pitch.cos(), pitch.sin(), yaw.cos() * pitch.cos()));
        let at = place(centre, rest);
        add_eye(scene, at, radius, direction, up);
        at
    })
}
