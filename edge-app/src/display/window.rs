//! A window on a developer's PC, through winit and softbuffer.

use std::num::NonZeroU32;
use std::rc::Rc;

use softbuffer::{Context, Surface};
use tiny_skia::Pixmap;
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::{ElementState, KeyEvent, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop, OwnedDisplayHandle};
use winit::keyboard::{Key, NamedKey};
use winit::window::{Window, WindowId};

use super::{DisplayError, Opened};
use crate::screen::Size;

#[path = "window/live.rs"]
mod live;

/// Whether this build can open a window at all.
///
/// # Errors
/// Never in this build.
pub fn check() -> Result<(), DisplayError> {
    Ok(())
}

/// Shows pages in a window until it is closed: Space or Tab turns the page, Escape or Q closes.
///
/// # Errors
/// When there is no desktop, or drawing fails.
pub fn show(title: &str, pages: Vec<Pixmap>) -> Result<(), DisplayError> {
    let fault = |error: &dyn std::fmt::Display| DisplayError::Window(error.to_string());
    let events = EventLoop::new().map_err(|error| fault(&error))?;
    let context = Context::new(events.owned_display_handle()).map_err(|error| fault(&error))?;
    let mut pages = Pages { title: title.to_owned(), pages, shown: 0, context, surface: None, fault: None };
    events.run_app(&mut pages).map_err(|error| fault(&error))?;
    match pages.fault {
        Some(words) => Err(DisplayError::Window(words)),
        None => Ok(()),
    }
}

struct Pages {
    title: String,
    pages: Vec<Pixmap>,
    shown: usize,
    context: Context<OwnedDisplayHandle>,
    surface: Option<Surface<OwnedDisplayHandle, Rc<Window>>>,
    fault: Option<String>,
}

impl Pages {
    fn open(&mut self, events: &ActiveEventLoop) -> Result<(), String> {
        let Some(page) = self.pages.first() else { return Err("there is nothing to show".to_owned()) };
        let attributes = Window::default_attributes()
            .with_title(&self.title)
            .with_resizable(false)
            .with_inner_size(PhysicalSize::new(page.width(), page.height()));
        let window = Rc::new(events.create_window(attributes).map_err(|error| error.to_string())?);
        self.surface = Some(Surface::new(&self.context, window).map_err(|error| error.to_string())?);
        Ok(())
    }

    fn draw(&mut self) -> Result<(), String> {
        let (Some(surface), Some(page)) = (&mut self.surface, self.pages.get(self.shown)) else { return Ok(()) };
        let (width, height) = (page.width(), page.height());
        let side = |value: u32| NonZeroU32::new(value).ok_or("the page has no pixels");
        surface.resize(side(width)?, side(height)?).map_err(|error| error.to_string())?;
        let mut buffer = surface.buffer_mut().map_err(|error| error.to_string())?;
        for (target, pixel) in buffer.iter_mut().zip(page.pixels()) {
            *target = u32::from_be_bytes([0, pixel.red(), pixel.green(), pixel.blue()]);
        }
        buffer.present().map_err(|error| error.to_string())
    }

    fn fail_on(&mut self, result: Result<(), String>, events: &ActiveEventLoop) {
        if let Err(words) = result {
            self.fault = Some(words);
            events.exit();
        }
    }
}

impl ApplicationHandler for Pages {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        if self.surface.is_none() {
            let opened = self.open(events);
            self.fail_on(opened, events);
        }
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => events.exit(),
            WindowEvent::RedrawRequested => {
                let drawn = self.draw();
                self.fail_on(drawn, events);
            }
            WindowEvent::KeyboardInput {
                event: KeyEvent { state: ElementState::Pressed, logical_key, .. }, ..
            } => match logical_key.as_ref() {
                Key::Named(NamedKey::Escape) | Key::Character("q" | "Q") => events.exit(),
                Key::Named(NamedKey::Space | NamedKey::Tab) => {
                    self.shown = (self.shown + 1) % self.pages.len().max(1);
                    if let Some(surface) = &self.surface {
                        surface.window().request_redraw();
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Opens a window as a screen with its own keys and pointer: Space or Enter takes the photograph, Escape or Backspace
/// goes back, M or Tab opens the menu, a click is a touch.
///
/// # Errors
/// When there is no desktop.
pub fn open(title: &str, size: Size) -> Result<Opened, DisplayError> {
    live::open(title, size)
}
