@tool
extends ScrollContainer
## The dock: the running game's link, to open, to copy and to scan, what it sends, and what would keep somebody from playing.

const Checks := preload("checks.gd")

## A button was pressed: one of the actions of checks.gd.
signal asked(action: StringName)

const QR_SIDE := 160
const GREEN := Color("4ecb71")
const GREY := Color("8a8f98")

var _light := ColorRect.new()
var _state := Label.new()
var _link := LinkButton.new()
var _copy := Button.new()
var _code := TextureRect.new()
var _scan := Label.new()
var _figures := Label.new()
var _streaming := VBoxContainer.new()
var _list := VBoxContainer.new()
var _findings: Array[Dictionary] = []
var _warnings: PackedStringArray = []
var _coded := ""


func _init() -> void:
	horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	var margin := MarginContainer.new()
	margin.size_flags_horizontal = SIZE_EXPAND_FILL
	for side in ["left", "top", "right", "bottom"]:
		margin.add_theme_constant_override("margin_" + side, 8)
	add_child(margin)
	var rows := VBoxContainer.new()
	rows.add_theme_constant_override("separation", 10)
	margin.add_child(rows)
	rows.add_child(_state_row())
	_figures.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_figures.modulate.a = 0.7
	_streaming.add_child(_figures)
	_streaming.add_child(_link_row())
	rows.add_child(_streaming)
	_list.add_theme_constant_override("separation", 8)
	rows.add_child(_list)
	rows.add_child(_code_box())
	show_status({})


func _state_row() -> Control:
	var row := HBoxContainer.new()
	_light.custom_minimum_size = Vector2(10, 10)
	_light.size_flags_vertical = SIZE_SHRINK_CENTER
	row.add_child(_light)
	_state.size_flags_horizontal = SIZE_EXPAND_FILL
	_state.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	row.add_child(_state)
	return row


func _link_row() -> Control:
	var row := HBoxContainer.new()
	_link.size_flags_horizontal = SIZE_EXPAND_FILL
	_link.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_link.tooltip_text = "Open in the browser"
	row.add_child(_link)
	_copy.text = "Copy"
	_copy.pressed.connect(func() -> void: DisplayServer.clipboard_set(_link.uri))
	row.add_child(_copy)
	return row


func _code_box() -> Control:
	var box := VBoxContainer.new()
	_code.custom_minimum_size = Vector2(QR_SIDE, QR_SIDE)
	_code.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_code.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_CENTERED
	_code.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	box.add_child(_code)
	_scan.text = "Scan it with a phone in the same network."
	_scan.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	_scan.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	box.add_child(_scan)
	return box


## The status that a running game sends each second (`rendercast:status`); empty: none runs. It comes from another process, so
## that nothing is taken for granted.
func show_status(status: Dictionary) -> void:
	var running := _number(status.get("running")) != 0
	var link := str(status.get("link", ""))
	# The link is opened by a click: it is a web page or nothing.
	if not (link.begins_with("http://") or link.begins_with("https://")):
		link = ""
	var viewers := int(_number(status.get("viewers")))
	_light.color = GREEN if running else GREY
	_state.text = "Press play: the game streams, and its link appears here."
	if running:
		_state.text = "Streaming, nobody watches yet" if viewers == 0 else "Streaming to %d %s" % [viewers, "viewer" if viewers == 1 else "viewers"]
	elif status:
		_state.text = "The game runs, but does not stream."
	_streaming.visible = running
	_link.text = link if link else "The link comes in a moment."
	_link.uri = link
	_link.disabled = link == ""
	_copy.disabled = link == ""
	_show_code(link)
	_figures.visible = viewers > 0
	_figures.text = "%.0f pictures a second, %s, %s" % [_number(status.get("fps")), rate(_number(status.get("kbps"))), status.get("encoder", "")]
	var warnings: Variant = status.get("warnings")
	_warnings = warnings if warnings is PackedStringArray else PackedStringArray()
	_show_list()


## What checks.gd finds.
func show_findings(findings: Array[Dictionary]) -> void:
	_findings = findings
	_show_list()


static func rate(kbps: float) -> String:
	return "%.1f Mbit/s" % (kbps / 1000) if kbps >= 1000 else "%.0f kbit/s" % kbps


static func _number(value: Variant) -> float:
	return float(value) if typeof(value) in [TYPE_BOOL, TYPE_INT, TYPE_FLOAT] else 0.0


## A code that only this computer could open helps nobody.
func _show_code(link: String) -> void:
	var host := link.get_slice("://", 1).get_slice("/", 0)
	var use := link != "" and not Checks.is_loopback(host) and ClassDB.class_exists(&"RenderCastQrCode")
	_code.visible = use
	_scan.visible = use
	if not use or link == _coded:
		return
	_coded = link
	var image: Image = ClassDB.class_call_static(&"RenderCastQrCode", &"encode", link)
	_code.texture = ImageTexture.create_from_image(image) if image else null


func _show_list() -> void:
	for row in _list.get_children():
		_list.remove_child(row)
		row.queue_free()
	for warning in _warnings:
		_add_row({"text": warning, "serious": true})
	for finding in _findings:
		_add_row(finding)


func _add_row(finding: Dictionary) -> void:
	var box := VBoxContainer.new()
	var row := HBoxContainer.new()
	var sign_of := TextureRect.new()
	var icon := &"StatusWarning" if finding.serious else &"Info"
	if has_theme_icon(icon, &"EditorIcons"):
		sign_of.texture = get_theme_icon(icon, &"EditorIcons")
	sign_of.stretch_mode = TextureRect.STRETCH_KEEP
	row.add_child(sign_of)
	var words := Label.new()
	words.text = finding.text
	words.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	words.size_flags_horizontal = SIZE_EXPAND_FILL
	row.add_child(words)
	box.add_child(row)
	if finding.get("label"):
		var button := Button.new()
		button.text = finding.label
		button.pressed.connect(func() -> void: asked.emit(finding.action))
		box.add_child(button)
	_list.add_child(box)
