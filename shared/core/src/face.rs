//! A face found in a frame: box, six keypoints, score. All in pixels of the frame, y down.

use serde::{Deserialize, Serialize};

/// A point in pixels of the frame; (0, 0) is the upper left corner of the first pixel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Pixels to the right.
    pub x: f32,
    /// Pixels down.
    pub y: f32,
}

impl Point {
    /// The straight distance to `other`, in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point half-way to `other`.
    pub fn midpoint(self, other: Self) -> Self {
        Self { x: (self.x + other.x) / 2.0, y: (self.y + other.y) / 2.0 }
    }
}

/// An upright box in pixels; it may reach over the frame's border.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width, not negative.
    pub width: f32,
    /// Height, not negative.
    pub height: f32,
}

impl BoundingBox {
    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Intersection over union with `other`, 0 to 1.
    pub fn iou(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        let shared = width.max(0.0) * height.max(0.0);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }
}

/// The six points that BlazeFace gives. Left and right are the *person's*, so the right eye is on the picture's left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keypoints {
    /// Centre of the person's right eye.
    pub right_eye: Point,
    /// Centre of the person's left eye.
    pub left_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Centre of the mouth.
    pub mouth: Point,
    /// Tragus of the right ear.
    pub right_ear: Point,
    /// Tragus of the left ear.
    pub left_ear: Point,
}

impl Keypoints {
    /// Distance between the eyes' centres, in pixels.
    pub fn inter_eye_px(&self) -> f32 {
        self.right_eye.distance(self.left_eye)
    }

    /// The tilt of the line through the eyes, in radians; positive when the picture's right side hangs lower.
    pub fn roll(&self) -> f32 {
        (self.left_eye.y - self.right_eye.y).atan2(self.left_eye.x - self.right_eye.x)
    }
}

/// One detected face.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// The detector's box, from the brows to the chin.
    pub bounds: BoundingBox,
    /// Eyes, nose, mouth, ears.
    pub keypoints: Keypoints,
    /// The detector's confidence, 0 to 1.
    pub score: f32,
}
