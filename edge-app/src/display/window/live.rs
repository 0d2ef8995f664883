//! A window as a screen and as buttons at the same time: whoever of the two is asked lets the window live on.

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

use softbuffer::{Context, Surface};
use tiny_skia::Pixmap;
use winit::application::ApplicationHandler;
use winit::dpi::{PhysicalPosition, PhysicalSize};
use winit::event::{ElementState, KeyEvent, MouseButton, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop, OwnedDisplayHandle};
use winit::keyboard::{Key, NamedKey};
use winit::platform::pump_events::EventLoopExtPumpEvents;
use winit::window::{Window, WindowId};

use crate::display::{DisplayError, Opened};
use crate::input::InputError;
use crate::input::keys::Keys;
use crate::parts::{Button, Display, Input, InputEvent};
use crate::screen::Size;

/// Opens the window.
pub(super) fn open(title: &str, size: Size) -> Result<Opened, DisplayError> {
    let fault = |error: &dyn std::fmt::Display| DisplayError::Window(error.to_string());
    let events = EventLoop::new().map_err(|error| fault(&error))?;
    let context = Context::new(events.owned_display_handle()).map_err(|error| fault(&error))?;
    let face = Face {
        title: title.to_owned(),
        size,
        context,
        surface: None,
        picture: vec![0; size.width() as usize * size.height() as usize],
        pointer: PhysicalPosition::default(),
        happened: Vec::new(),
        fault: None,
    };
    let shared = Rc::new(RefCell::new(Shared { events, face }));
    shared.borrow_mut().live()?;
    let input = WindowInput { shared: Rc::clone(&shared), keys: Keys::default() };
    let about = format!("a window of {}x{}", size.width(), size.height());
    Ok(Opened { display: Box::new(WindowDisplay { shared, size }), input: Some(Box::new(input)), about })
}

/// The window as a screen.
struct WindowDisplay {
    shared: Rc<RefCell<Shared>>,
    size: Size,
}

/// The window as buttons.
struct WindowInput {
    shared: Rc<RefCell<Shared>>,
    keys: Keys,
}

struct Shared {
    events: EventLoop<()>,
    face: Face,
}

struct Face {
    title: String,
    size: Size,
    context: Context<OwnedDisplayHandle>,
    surface: Option<Surface<OwnedDisplayHandle, Rc<Window>>>,
    /// 0RGB.
    picture: Vec<u32>,
    pointer: PhysicalPosition<f64>,
    happened: Vec<Happened>,
    fault: Option<String>,
}

#[derive(Clone, Copy)]
enum Happened {
    Key(Button, bool),
    Other(InputEvent),
}

impl Shared {
    /// Lets the window take what has happened.
    fn live(&mut self) -> Result<(), DisplayError> {
        let _ = self.events.pump_app_events(Some(Duration::ZERO), &mut self.face);
        match self.face.fault.take() {
            Some(words) => Err(DisplayError::Window(words)),
            None => Ok(()),
        }
    }
}

impl Display for WindowDisplay {
    fn size(&self) -> Size {
        self.size
    }

    fn show(&mut self, pixels: &Pixmap) -> Result<(), DisplayError> {
        DisplayError::unless_fits(pixels, self.size)?;
        let mut shared = self.shared.borrow_mut();
        for (target, pixel) in shared.face.picture.iter_mut().zip(pixels.pixels()) {
            *target = u32::from_be_bytes([0, pixel.red(), pixel.green(), pixel.blue()]);
        }
        shared.live()?;
        shared.face.draw().map_err(DisplayError::Window)
    }
}

impl Input for WindowInput {
    fn poll(&mut self, now: Duration) -> Result<Vec<InputEvent>, InputError> {
        let mut shared = self.shared.borrow_mut();
        // A fault of the window is the screen's to report.
        if let Err(DisplayError::Window(words)) = shared.live() {
            shared.face.fault = Some(words);
        }
        let happened = std::mem::take(&mut shared.face.happened);
        let mut events: Vec<InputEvent> = happened
            .into_iter()
            .filter_map(|happened| match happened {
                Happened::Key(button, down) => self.keys.set(now, button, down),
                Happened::Other(event) => Some(event),
            })
            .collect();
        events.extend(self.keys.tick(now));
        Ok(events)
    }
}

impl Face {
    fn open(&mut self, events: &ActiveEventLoop) -> Result<(), String> {
        let attributes = Window::default_attributes()
            .with_title(&self.title)
            .with_resizable(false)
            .with_inner_size(PhysicalSize::new(self.size.width(), self.size.height()));
        let window = Rc::new(events.create_window(attributes).map_err(|error| error.to_string())?);
        self.surface = Some(Surface::new(&self.context, window).map_err(|error| error.to_string())?);
        Ok(())
    }

    fn draw(&mut self) -> Result<(), String> {
        let Some(surface) = &mut self.surface else { return Ok(()) };
        let side = |value: u32| NonZeroU32::new(value).ok_or("the screen has no pixels");
        surface.resize(side(self.size.width())?, side(self.size.height())?).map_err(|error| error.to_string())?;
        let mut buffer = surface.buffer_mut().map_err(|error| error.to_string())?;
        for (target, pixel) in buffer.iter_mut().zip(&self.picture) {
            *target = *pixel;
        }
        buffer.present().map_err(|error| error.to_string())
    }

    fn note(&mut self, result: Result<(), String>) {
        if let Err(words) = result {
            self.fault = Some(words);
        }
    }
}

impl ApplicationHandler for Face {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        if self.surface.is_none() {
            let opened = self.open(events);
            self.note(opened);
        }
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => self.happened.push(Happened::Other(InputEvent::Quit)),
            WindowEvent::RedrawRequested => {
                let drawn = self.draw();
                self.note(drawn);
            }
            WindowEvent::CursorMoved { position, .. } => self.pointer = position,
            WindowEvent::MouseInput { state: ElementState::Released, button: MouseButton::Left, .. } => {
                let (x, y) = (self.pointer.x as f32, self.pointer.y as f32);
                self.happened.push(Happened::Other(InputEvent::Touch { x, y }));
            }
            WindowEvent::KeyboardInput { event: KeyEvent { state, logical_key, repeat: false, .. }, .. } => {
                let button = match logical_key.as_ref() {
                    Key::Named(NamedKey::Space | NamedKey::Enter) => Button::Capture,
                    Key::Named(NamedKey::Escape | NamedKey::Backspace) => Button::Back,
                    Key::Named(NamedKey::Tab) | Key::Character("m" | "M") => Button::Menu,
                    _ => return,
                };
                self.happened.push(Happened::Key(button, state == ElementState::Pressed));
            }
            _ => {}
        }
    }
}
