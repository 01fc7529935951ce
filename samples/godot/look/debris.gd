extends MultiMeshInstance3D
## Little stones around the island, turning with each other: they say how deep it is.

const COUNT := 40


func _ready() -> void:
	var chance := RandomNumberGenerator.new()
	chance.seed = 11
	multimesh.instance_count = COUNT
	for index in COUNT:
		var around := Vector2.from_angle(chance.randf() * TAU) * chance.randf_range(10.5, 19)
		var turned := Basis.from_euler(Vector3(chance.randf(), chance.randf(), chance.randf()) * TAU)
		var at := Vector3(around.x, chance.randf_range(-9, -0.5), around.y)
		multimesh.set_instance_transform(index, Transform3D(turned.scaled(Vector3.ONE * chance.randf_range(0.25, 0.8)), at))


func _process(delta: float) -> void:
	rotation.y += delta * 0.06
