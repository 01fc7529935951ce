"""rendercast for Python: what a program needs to stream its picture and sound and to hear of its viewers, through ctypes.

    with rendercast.Streamer({"video": {"fps": 60}}) as streamer:
        streamer.push_video(address, width, height, stride)   # each frame
        for event in streamer.events(): print(event.message)  # the first one brings the link to open
        for one in streamer.inputs(): ...                     # one.kind is KEY, TEXT, MOUSE, ...

Every function and field is documented in include/rendercast.h. RENDERCAST_LIBRARY names the library, otherwise the newest
one that was built here is taken. One thread may push pictures, another sound.
"""

import array
import atexit
import ctypes
import json
import math
import os
import pathlib
import sys
from ctypes import POINTER, c_char, c_char_p, c_float, c_int32, c_uint8, c_uint32, c_uint64, c_void_p

RGBA8, BGRA8, RGBX8, BGRX8, RGB8 = range(1, 6)
KEY, TEXT, MOUSE, WHEEL, TOUCH, GAMEPAD, PAGE_BUTTON, MESSAGE = range(1, 9)
SERVER_LISTENING, SERVER_FAILED = 1, 2
VIEWER_CONNECTED, VIEWER_DISCONNECTED = 5, 6

_OK = 0


class Event(ctypes.Structure):
    """rendercast_event: something happened. `message` is one line for people."""

    _fields_ = [("size", c_uint32), ("kind", c_uint32), ("severity", c_uint32), ("viewer", c_uint32),
                ("text", c_char * 256), ("channel", c_uint32)]

    @property
    def message(self):
        return self.text.decode()


class Input(ctypes.Structure):
    """rendercast_input: a viewer did something. Fields that its kind does not name are 0."""

    _fields_ = [("size", c_uint32), ("kind", c_uint32), ("viewer", c_uint32), ("key", c_uint32), ("received_ns", c_uint64),
                ("down", c_uint32), ("repeat", c_uint32), ("character", c_uint32), ("buttons", c_uint32),
                ("x", c_float), ("y", c_float), ("delta_x", c_float), ("delta_y", c_float), ("force", c_float),
                ("touch_id", c_int32), ("phase", c_uint32), ("pad_index", c_uint32), ("axes", c_float * 6),
                ("page_button", c_int32), ("is_text", c_uint32), ("data_len", c_uint32), ("channel_id", c_uint32),
                ("channel", c_char * 64)]

    @property
    def pixel(self):
        """x and y as whole numbers; viewers may send what is none, which is 0 then."""
        return tuple(int(value) if math.isfinite(value) else 0 for value in (self.x, self.y))


class _VideoFrame(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("format", c_uint32), ("width", c_uint32), ("height", c_uint32),
                ("planes", c_void_p * 3), ("strides", c_uint32 * 3), ("flags", c_uint32), ("host_time_ns", c_uint64),
                ("source", c_uint32), ("reserved", c_uint32)]


class Error(Exception):
    """What the library refuses, in its own words."""


def _load():
    name = {"win32": "rendercast.dll", "darwin": "librendercast.dylib"}.get(sys.platform, "librendercast.so")
    path = os.environ.get("RENDERCAST_LIBRARY")
    if path is None:
        target = pathlib.Path(__file__).resolve().parents[2] / "target"
        built = sorted(target.glob(f"*/{name}"), key=lambda file: file.stat().st_mtime)
        path = str(built[-1]) if built else name
    library = ctypes.CDLL(path)
    for function, arguments in {
        "create_json": [c_char_p, POINTER(c_uint32)], "start": [c_uint32], "destroy": [c_uint32],
        "push_video": [c_uint32, POINTER(_VideoFrame)],
        "push_audio": [c_uint32, c_void_p, c_uint32, c_uint32, c_uint32, c_uint64],
        "poll_event": [c_uint32, POINTER(Event)], "poll_input": [c_uint32, POINTER(Input)],
        "input_data": [c_uint32, POINTER(c_uint8), c_uint32, POINTER(c_uint32)],
        "last_error": [c_char_p, c_uint32, POINTER(c_uint32)], "link": [c_uint32, c_char_p, c_uint32, POINTER(c_uint32)],
    }.items():
        entry = getattr(library, f"rendercast_{function}")
        entry.argtypes, entry.restype = arguments, c_int32
    return library


_library = _load()


def _call(function, *arguments):
    """The status where it is none of an error."""
    status = getattr(_library, f"rendercast_{function}")(*arguments)
    if status < 0:
        text = ctypes.create_string_buffer(1024)
        _library.rendercast_last_error(text, len(text), None)
        raise Error(f"{function}: {text.value.decode()} ({status})")
    return status


class Streamer:
    """One stream. `config` is the library's configuration, as README.md has it."""

    def __init__(self, config=None):
        handle = c_uint32(0)
        _call("create_json", json.dumps(config or {}).encode(), ctypes.byref(handle))
        self._handle = handle.value
        atexit.register(self.close)
        try:
            _call("start", self._handle)
        except Error:
            self.close()
            raise

    def close(self):
        """Ends it. Nothing else may be called afterwards."""
        handle, self._handle = self._handle, 0
        if handle:
            _call("destroy", handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def link(self):
        """To open in a browser; None until the embedded server listens."""
        text = ctypes.create_string_buffer(512)
        return text.value.decode() if _call("link", self._handle, text, len(text), None) == _OK else None

    def push_video(self, address, width, height, stride=0, pixels=BGRX8):
        """Copies a picture that lies at this address, rows `stride` bytes apart. False: it was dropped, all is busy."""
        frame = _VideoFrame(size=ctypes.sizeof(_VideoFrame), format=pixels, width=width, height=height)
        frame.planes[0], frame.strides[0] = address, stride
        return self._push("push_video", ctypes.byref(frame))

    def push_audio(self, samples, channels=2, rate=48000):
        """Copies interleaved samples, bytes of 16 bits each or an array('f') of -1 to 1; 200 ms at most, 10 to 20 are best."""
        if not isinstance(samples, array.array):
            samples = array.array("f", (value / 32768 for value in array.array("h", bytes(samples))))
        address, length = samples.buffer_info()
        return self._push("push_audio", address, length // channels, channels, rate, 0)

    def events(self):
        """What has happened since the last time."""
        return self._polled("poll_event", Event)

    def inputs(self):
        """What viewers have done since the last time."""
        return self._polled("poll_input", Input)

    def input_data(self, one):
        """The bytes of a MESSAGE. Before the next of inputs()."""
        data = (c_uint8 * max(1, one.data_len))()
        _call("input_data", self._handle, data, one.data_len, None)
        return bytes(data)[:one.data_len]

    def _push(self, function, *arguments):
        try:
            return _call(function, self._handle, *arguments) == _OK
        except Error:
            # Another thread has closed it.
            if self._handle:
                raise
            return False

    def _polled(self, function, kind):
        while True:
            one = kind(size=ctypes.sizeof(kind))
            if _call(function, self._handle, ctypes.byref(one)) != _OK:
                return
            yield one
