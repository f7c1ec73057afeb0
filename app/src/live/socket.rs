//! The websocket of this tab: connects, reconnects, pauses while hidden. What frames mean is decided in `state`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use api::live::{ClientFrame, Topic};
use api::routes;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::state::{LiveState, Step, attempt_after, backoff_ms};
use super::{Live, Status};

/// A frame older than this is worth saying.
const BEHIND_AFTER_MS: f64 = 3_000.0;
/// A page out of sight for so long wants no frames.
const PAUSE_AFTER: Duration = Duration::from_secs(10);
/// And after so long no connection.
const CLOSE_AFTER: Duration = Duration::from_secs(60);
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Connects, for as long as the tab lives.
pub(super) fn start(live: Live) {
    let feed = Rc::new(Feed { live, link: RefCell::default() });
    feed.clone().connect();
    feed.clone().follow_visibility();
    let online = feed.clone();
    window_event_listener(leptos::ev::online, move |_| online.clone().connect_again_at_once());
    // It ends with the tab; were the browser to refuse it, only the age would stand still.
    drop(set_interval_with_handle(move || feed.show_status(), CHECK_EVERY));
}

struct Feed {
    live: Live,
    link: RefCell<Link>,
}

/// What changes from connection to connection.
#[derive(Default)]
struct Link {
    state: LiveState,
    connection: Option<Connection>,
    open: bool,
    paused: bool,
    /// The server speaks another version; only a reload helps.
    outdated: bool,
    attempt: u32,
    retry: Option<TimeoutHandle>,
    hidden: Vec<TimeoutHandle>,
    /// When the last frame came, milliseconds.
    last_frame: Option<f64>,
}

/// A socket and the closures that it calls.
struct Connection {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

// === impl Feed ===

impl Feed {
    fn connect(self: Rc<Self>) {
        let Ok(socket) = WebSocket::new(&address()) else { return };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let connection = self.clone().listen(socket);
        self.link.borrow_mut().connection = Some(connection);
    }

    fn listen(self: Rc<Self>, socket: WebSocket) -> Connection {
        let feed = self.clone();
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| feed.opened());
        let feed = self.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| feed.received(&event));
        let on_close = Closure::<dyn FnMut(Event)>::new(move |_| self.clone().closed());
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Connection { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close }
    }

    fn opened(&self) {
        self.link.borrow_mut().open = true;
        let hello = self.link.borrow().state.hello();
        self.say(&hello);
    }

    fn received(&self, event: &MessageEvent) {
        let bytes = js_sys::Uint8Array::new(&event.data()).to_vec();
        // A frame that cannot be read is one of another version: the next Welcome says so.
        let Ok(frame) = postcard::from_bytes(&bytes) else { return };
        let step = {
            let mut link = self.link.borrow_mut();
            link.last_frame = Some(js_sys::Date::now());
            link.attempt = 0;
            link.state.apply(frame)
        };
        match step {
            Step::Nothing => {}
            Step::Changed(topic) => self.publish(topic),
            Step::Say(frame) => self.say(&frame),
            Step::Bye(after_ms) => self.link.borrow_mut().attempt = attempt_after(after_ms),
            Step::Outdated => self.link.borrow_mut().outdated = true,
        }
        self.show_status();
    }

    fn publish(&self, topic: Topic) {
        let link = self.link.borrow();
        match topic {
            Topic::Counters => self.live.seconds.set(link.state.seconds.clone()),
            Topic::Newest => self.live.newest.set(link.state.newest.clone()),
        }
    }

    fn say(&self, frame: &ClientFrame) {
        let bytes = postcard::to_stdvec(frame).expect("frames are plain data without maps or unknown lengths");
        if let Some(connection) = &self.link.borrow().connection {
            // It fails while the socket closes; the next connection starts with a hello anyway.
            drop(connection.socket.send_with_u8_array(&bytes));
        }
    }

    fn closed(self: Rc<Self>) {
        let wait = {
            let mut link = self.link.borrow_mut();
            link.open = false;
            if link.paused || link.outdated {
                return;
            }
            let wait = backoff_ms(link.attempt, js_sys::Math::random());
            link.attempt = link.attempt.saturating_add(1);
            wait
        };
        self.show_status();
        let feed = self.clone();
        let again = move || feed.clone().connect();
        self.link.borrow_mut().retry = set_timeout_with_handle(again, Duration::from_millis(wait.into())).ok();
    }

    fn connect_again_at_once(self: Rc<Self>) {
        let waiting = self.link.borrow_mut().retry.take();
        if let Some(waiting) = waiting.filter(|_| !self.link.borrow().open) {
            waiting.clear();
            self.connect();
        }
    }

    fn show_status(&self) {
        let status = self.link.borrow().status(js_sys::Date::now());
        if self.live.status.get_untracked() != status {
            self.live.status.set(status);
        }
    }

    fn follow_visibility(self: Rc<Self>) {
        let changed = move || if document().hidden() { self.clone().hidden() } else { self.clone().shown() };
        let changed = Closure::<dyn FnMut()>::new(changed);
        // Lives as long as the tab does.
        drop(document().add_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref()));
        changed.forget();
    }

    fn hidden(self: Rc<Self>) {
        let feed = self.clone();
        let pause = move || {
            feed.link.borrow_mut().paused = true;
            feed.say(&ClientFrame::Pause);
            feed.show_status();
        };
        let feed = self.clone();
        let close = move || {
            if let Some(connection) = &feed.link.borrow().connection {
                drop(connection.socket.close());
            }
        };
        let timers = [set_timeout_with_handle(pause, PAUSE_AFTER), set_timeout_with_handle(close, CLOSE_AFTER)];
        self.link.borrow_mut().hidden = timers.into_iter().flatten().collect();
    }

    fn shown(self: Rc<Self>) {
        let (was_paused, open) = {
            let mut link = self.link.borrow_mut();
            link.hidden.drain(..).for_each(|timer| timer.clear());
            (std::mem::take(&mut link.paused), link.open)
        };
        match (was_paused, open) {
            (true, true) => self.say(&ClientFrame::Continue),
            (true, false) => self.connect(),
            (false, _) => {}
        }
    }
}

// === impl Link ===

impl Link {
    fn status(&self, now: f64) -> Status {
        let age = self.last_frame.map(|then| (now - then).max(0.0));
        let secs = age.map(|age| (age / 1_000.0) as u64);
        match age {
            _ if self.paused => Status::Paused,
            _ if !self.open && (self.attempt > 0 || age.is_some()) => Status::Reconnecting { secs },
            None => Status::Connecting,
            Some(age) if age > BEHIND_AFTER_MS => Status::Behind { secs: secs.unwrap_or_default() },
            Some(_) => Status::Live,
        }
    }
}

fn address() -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}{}", location.host().unwrap_or_default(), routes::LIVE)
}
