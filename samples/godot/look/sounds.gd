extends Node
## Everything that is heard, made here out of numbers: there is no sound file. The music is made on a thread of its own.

const RATE := 22050
const BEAT_S := 60.0 / 116
## Notes in half tones above A: the bass of each bar, and the chord above it.
const BASS := [0, 0, -4, -4, 3, 3, -2, -2]
const CHORDS := [[12, 15, 19, 24], [8, 12, 15, 20], [15, 19, 22, 27], [10, 14, 17, 22]]

var _players: Dictionary = {}
var _task := -1
var _music: AudioStreamWAV


func _ready() -> void:
	process_mode = PROCESS_MODE_ALWAYS
	_add("bump", _noise_hit(), -2)
	_add("dash", _sweep(320, 760, 0.18, 0.35), -8)
	_add("fall", _sweep(520, 70, 0.7, 0.5), -4)
	_add("point", _chime([12, 16, 19]), -5)
	_add("won", _chime([12, 16, 19, 24, 28, 31]), -3)
	_add("heavy", _chime([24, 31]), -6)
	_add("star", _chime([31]), -12)
	_add("go", _chime([24]), -6)
	_add("plate", _sweep(90, 40, 0.9, 0.9), -2)
	_task = WorkerThreadPool.add_task(_make_music)


func _process(_delta: float) -> void:
	if _task >= 0 and WorkerThreadPool.is_task_completed(_task):
		WorkerThreadPool.wait_for_task_completion(_task)
		_task = -1
		_add("music", _music, -11)
		play("music")
		set_process(false)


func _exit_tree() -> void:
	if _task >= 0:
		WorkerThreadPool.wait_for_task_completion(_task)


func play(what: String, loudness := 1.0) -> void:
	var player: AudioStreamPlayer = _players.get(what)
	if player:
		player.volume_linear = db_to_linear(player.get_meta("db")) * clampf(loudness, 0.05, 1.0)
		player.play()


func _add(what: String, stream: AudioStreamWAV, db: float) -> void:
	var player := AudioStreamPlayer.new()
	player.stream = stream
	player.volume_db = db
	player.set_meta("db", db)
	add_child(player)
	_players[what] = player


static func _tone(half_tones: float) -> float:
	return 220.0 * pow(2, half_tones / 12)


static func _wave(samples: PackedFloat32Array) -> AudioStreamWAV:
	var bytes := PackedByteArray()
	bytes.resize(samples.size() * 2)
	for index in samples.size():
		bytes.encode_s16(index * 2, int(clampf(samples[index], -1, 1) * 32000))
	var wave := AudioStreamWAV.new()
	wave.format = AudioStreamWAV.FORMAT_16_BITS
	wave.mix_rate = RATE
	wave.data = bytes
	return wave


static func _silence(seconds: float) -> PackedFloat32Array:
	var samples := PackedFloat32Array()
	samples.resize(int(seconds * RATE))
	return samples


## A decaying note, added to what is there; what reaches over the end begins again at the start.
static func _note(samples: PackedFloat32Array, start_s: float, hertz: float, seconds: float, loudness: float, edge: float) -> void:
	var first := int(start_s * RATE)
	var count := int(seconds * RATE)
	var step := TAU * hertz / RATE
	var size := samples.size()
	for index in count:
		var phase := index * step
		var fade := pow(1.0 - float(index) / count, 2)
		var attack := minf(index / 60.0, 1.0)
		samples[(first + index) % size] += (sin(phase) + edge * sin(phase * 2)) * fade * attack * loudness


static func _chime(half_tones: Array) -> AudioStreamWAV:
	var samples := _silence(0.5 + half_tones.size() * 0.09)
	for index in half_tones.size():
		_note(samples, index * 0.09, _tone(half_tones[index]), 0.5, 0.35, 0.4)
	return _wave(samples)


static func _sweep(from: float, to: float, seconds: float, edge: float) -> AudioStreamWAV:
	var samples := _silence(seconds)
	var phase := 0.0
	for index in samples.size():
		var part := float(index) / samples.size()
		phase += TAU * lerpf(from, to, part) / RATE
		samples[index] = (sin(phase) + edge * sin(phase * 3) / 3) * sin(PI * part) * 0.7
	return _wave(samples)


static func _noise_hit() -> AudioStreamWAV:
	var samples := _silence(0.22)
	var chance := RandomNumberGenerator.new()
	chance.seed = 7
	for index in samples.size():
		var part := float(index) / samples.size()
		var knock := sin(TAU * 170 * (1 - part * 0.5) * index / RATE)
		samples[index] = (knock * 0.75 + chance.randf_range(-0.35, 0.35) * (1 - part)) * pow(1 - part, 3)
	return _wave(samples)


## Eight bars that repeat.
func _make_music() -> void:
	var beats := BASS.size() * 4
	var samples := _silence(beats * BEAT_S)
	for beat in beats:
		var bar := beat / 4
		_note(samples, beat * BEAT_S, _tone(BASS[bar] - 24), BEAT_S * 0.9, 0.34, 0.5)
		for half in 2:
			var pluck: int = CHORDS[bar / 2][(beat * 2 + half * 3 + bar) % 4]
			_note(samples, (beat + half * 0.5) * BEAT_S, _tone(pluck), BEAT_S * 0.45, 0.13, 0.3)
	_music = _wave(samples)
	_music.loop_mode = AudioStreamWAV.LOOP_FORWARD
	_music.loop_end = samples.size()
