//! Labelled photographs on disk: reading, checking, and their cached face crops.
