# Streams the game and says on standard output what happens. Keys of the first viewer are the tests' orders.
# Arguments after "--": hdr, split, silent, quit=SECONDS.
extends Node


var server := RenderCastServer.new()
var viewport := RenderCastViewport.new()
var input := RenderCastInput.new()
var sound: AudioStreamPlayer
var frames: PackedFloat64Array
var drawn := 0


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	var wanted := OS.get_cmdline_user_args()
	if "hdr" in wanted:
		get_tree().root.use_hdr_2d = true
	var settings := RenderCastSettings.new()
	settings.port = 0
	settings.bitrate_kbps = 4000
	settings.codecs = PackedStringArray(["h264", "vp8"])
	if "players" in wanted:
		settings.players = RenderCastSettings.FIRST
	server.settings = settings
	server.started.connect(func(link: String) -> void: print("LINK ", link))
	server.stopped.connect(func() -> void: print("STOPPED"))
	server.viewer_connected.connect(func(id: int) -> void: print("CONNECTED ", id, " ", server.get_viewers()))
	server.viewer_disconnected.connect(func(id: int, reason: String) -> void: print("DISCONNECTED ", id, " ", reason))
	server.role_changed.connect(func(id: int, number: int) -> void: print("ROLE ", id, " ", number, " ", input.get_device(id)))
	server.warned.connect(func(message: String) -> void: print("WARNED ", message))
	server.message_received.connect(_message)
	server.input_received.connect(_received)
	server.stats_updated.connect(_stats)
	if "silent" not in wanted:
		_make_sound()
	for node: Node in [server, viewport, input]:
		add_child(node)
	RenderingServer.frame_post_draw.connect(func() -> void: drawn += 1)
	print("FOUND ", RenderCastServer.find(self) == server, " ", server.is_running())
	if "split" in wanted:
		_split()


func _process(delta: float) -> void:
	frames.append(delta * 1000.0)


# The median of the frames since it was asked last.
func _frame_ms() -> float:
	frames.sort()
	var median := frames[frames.size() / 2] if frames else 0.0
	frames.clear()
	return median


func _message(id: int, channel: String, data: Variant) -> void:
	print("MESSAGE ", id, " ", channel, " ", type_string(typeof(data)), " ", data)
	server.send_text(id, "echo of %s" % data)


func _received(id: int, event: InputEvent) -> void:
	if event is InputEventKey and event.pressed:
		print("RECEIVED ", id, " ", event.device, " ", event.as_text_physical_keycode())


func _stats(stats: Dictionary) -> void:
	print("DRAWS ", DisplayServer.window_can_draw())
	var viewers: Array = stats.viewer_list
	print("STATS ", JSON.stringify({fps = stats.fps, kbps = stats.kbps, viewers = stats.viewers, encoder = stats.encoder, width = stats.width,
		height = stats.height, main_p50_us = stats.main_thread_p50_us, main_p99_us = stats.main_thread_p99_us,
		frame_ms = _frame_ms(), drawn = drawn, sound = stats.counters.audio_blocks_pushed, dropped = stats.counters.video_frames_dropped, list = viewers.size()}))


func _input(event: InputEvent) -> void:
	var told := {type = event.get_class(), device = event.device}
	for field: String in ["pressed", "keycode", "physical_keycode", "unicode", "echo", "shift_pressed", "location", "position", "relative",
			"button_index", "button_mask", "factor", "double_click", "index", "canceled", "axis", "axis_value"]:
		if field in event:
			var value: Variant = event.get(field)
			told[field] = [value.x, value.y] if value is Vector2 else value
	print("INPUT ", JSON.stringify(told))
	if event is InputEventKey and event.pressed and not event.echo:
		_order(event.physical_keycode)


func _order(key: Key) -> void:
	match key:
		KEY_F2:
			get_tree().change_scene_to_file("res://second.tscn")
		KEY_F4:
			# Godot itself leaks the sound that plays when it ends.
			if sound:
				sound.stop()
				sound.stream = null
				await get_tree().create_timer(0.2).timeout
			get_tree().quit()
		KEY_F6:
			server.stop()
			print("RUNNING ", server.is_running())
		KEY_F7:
			get_window().size = Vector2i(480, 270)


func _make_sound() -> void:
	AudioServer.add_bus_effect(0, RenderCastAudio.new())
	var rate := 48000
	var samples := PackedByteArray()
	samples.resize(rate * 2)
	for i in rate:
		samples.encode_s16(2 * i, int(12000 * sin(TAU * 440 * i / rate)))
	var stream := AudioStreamWAV.new()
	stream.format = AudioStreamWAV.FORMAT_16_BITS
	stream.mix_rate = rate
	stream.loop_mode = AudioStreamWAV.LOOP_FORWARD
	stream.loop_end = rate
	stream.data = samples
	sound = AudioStreamPlayer.new()
	sound.stream = stream
	sound.autoplay = true
	add_child(sound)


# A picture of its own for the second viewer, in a viewport of its own.
func _split() -> void:
	var own := SubViewport.new()
	own.size = Vector2i(320, 240)
	own.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	var ground := ColorRect.new()
	ground.color = Color.CYAN
	ground.size = Vector2(320, 240)
	own.add_child(ground)
	add_child(own)
	var second := RenderCastViewport.new()
	second.viewport = own
	second.source = "side"
	add_child(second)
	server.viewer_connected.connect(func(id: int) -> void:
		if server.get_viewers().size() == 2:
			print("SHOWN ", error_string(server.set_viewer_source(id, "side"))))
