extends Node3D
## The stack of plates, each wider than the one above it. The widest falls away when its time is over.

const Arena := preload("res://game/arena.gd")
const PLATE_SHADER := preload("res://look/plate.gdshader")

const STEP := 0.06
const THICKNESS := 0.7
const COLORS: Array[Color] = [Color("3d4a8f"), Color("4f5cab"), Color("6470c4"), Color("7c86dc")]

var _plates: Array[MeshInstance3D] = []
var _speeds: Array[float] = []


func _ready() -> void:
	for index in Arena.PLATES.size():
		var mesh := CylinderMesh.new()
		mesh.top_radius = Arena.PLATES[index]
		mesh.bottom_radius = Arena.PLATES[index] - 0.5
		mesh.height = THICKNESS
		mesh.radial_segments = 72
		mesh.rings = 1
		var paint := ShaderMaterial.new()
		paint.shader = PLATE_SHADER
		paint.set_shader_parameter("color", COLORS[index])
		paint.set_shader_parameter("radius", Arena.PLATES[index])
		var plate := MeshInstance3D.new()
		plate.mesh = mesh
		plate.material_override = paint
		add_child(plate)
		_plates.append(plate)
		_speeds.append(0.0)


## How high the ground is at a distance from the middle.
func ground(distance: float) -> float:
	var highest := 0.0
	for index in Arena.PLATES.size():
		if distance <= Arena.PLATES[index]:
			highest = index * STEP
	return highest


func show_state(arena: Arena, delta: float) -> void:
	for index in _plates.size():
		var plate := _plates[index]
		var home := index * STEP - THICKNESS / 2
		if index < arena.plate:
			_speeds[index] += Arena.GRAVITY * 0.6 * delta
			plate.position.y -= _speeds[index] * delta
			plate.rotation.x += 0.25 * delta * (1 if index % 2 == 0 else -1)
			plate.visible = plate.position.y > -30
		elif _speeds[index] > 0 or plate.position.y != home:
			# Back for the next round.
			_speeds[index] = 0.0
			plate.position = Vector3(0, home, 0)
			plate.rotation = Vector3.ZERO
			plate.visible = true
		var warning := arena.plate_warning() if index == arena.plate else (1.0 if index < arena.plate else 0.0)
		(plate.material_override as ShaderMaterial).set_shader_parameter("warning", warning)
