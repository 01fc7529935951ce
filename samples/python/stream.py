"""Streams a pygame-ce game as it is: python3 stream.py GAME.py, or python3 stream.py -m pygame.examples.aliens (Linux, macOS)"""
import collections, os, runpy, sys, tempfile, threading
folder = tempfile.TemporaryDirectory()
os.mkfifo(pipe := os.path.join(folder.name, "sound"))  # SDL writes into it what the mixer plays
os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="disk", SDL_DISKAUDIOFILE=pipe)
import pygame, pygame_keys, rendercast

streamer = rendercast.Streamer({"server": {"address": os.environ.get("RENDERCAST_ADDRESS", "127.0.0.1:8080")}})
held, mouse = collections.defaultdict(bool), {"pos": (0, 0), "buttons": (False, False, False)}

def handle(one):
    if one.kind == rendercast.KEY and one.key in pygame_keys.KEYS:
        key = pygame_keys.KEYS[one.key]
        held[key] = bool(one.down)
        post(pygame.KEYDOWN if one.down else pygame.KEYUP, key=key, mod=0, unicode="", scancode=0)
    elif one.kind == rendercast.MOUSE:
        was, mouse["pos"], mouse["buttons"] = dict(mouse), one.pixel, tuple(bool(one.buttons & bit) for bit in (1, 4, 2))
        post(pygame.MOUSEMOTION, rel=(mouse["pos"][0] - was["pos"][0], mouse["pos"][1] - was["pos"][1]), touch=False, **mouse)
        for button, (before, now) in enumerate(zip(was["buttons"], mouse["buttons"]), 1):
            if now != before: post(pygame.MOUSEBUTTONDOWN if now else pygame.MOUSEBUTTONUP, pos=mouse["pos"], button=button)

def post(kind, **what): pygame.event.post(pygame.event.Event(kind, what))
def show(drawn, *areas):  # in place of pygame.display.flip and update: the picture is whole now
    drawn(*areas)
    surface = pygame.display.get_surface()
    streamer.push_video(surface._pixels_address, *surface.get_size(), surface.get_pitch())
    for event in streamer.events(): print(event.message, flush=True)
    for one in streamer.inputs(): handle(one)

def play():
    with open(pipe, "rb") as sound:
        while block := sound.read(4 * 441):
            rate, _, channels = pygame.mixer.get_init() or (44100, -16, 2)
            streamer.push_audio(block, channels, rate)

for name in "flip", "update": setattr(pygame.display, name, show.__get__(getattr(pygame.display, name)))
pygame.key.get_pressed, pygame.mouse.get_pos, pygame.mouse.get_pressed = lambda: held, lambda: mouse["pos"], lambda *_: mouse["buttons"]
threading.Thread(target=play, daemon=True).start()
if sys.argv[1] == "-m": runpy.run_module(sys.argv[2], run_name="__main__")
else: sys.path.insert(0, os.path.dirname(sys.argv[1])) or runpy.run_path(sys.argv[1], run_name="__main__")
