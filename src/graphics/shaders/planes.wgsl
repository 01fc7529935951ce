// For Metal: into the two planes of a pixel buffer, always NV12. One invocation makes 8x2 pixels, so that workgroups are
// counted as for `compute.wgsl`.

@group(0) @binding(1) var luma: texture_storage_2d<r8unorm, write>;
@group(0) @binding(3) var chroma: texture_storage_2d<rg8unorm, write>;

@compute @workgroup_size(8, 8)
fn convert_planes(@builtin(global_invocation_id) invocation: vec3<u32>) {
    let y = invocation.y * 2u;
    if y >= params.target_size.y {
        return;
    }
    let size = source_size();
    for (var pair = 0u; pair < 4u; pair++) {
        let x = invocation.x * 8u + 2u * pair;
        if x >= params.target_size.x {
            return;
        }
        var sum = vec3<f32>(0.0);
        for (var i = 0u; i < 4u; i++) {
            let at = vec2<u32>(x + (i & 1u), y + (i >> 1u));
            let colour = shown(at.x, at.y, size);
            sum += colour;
            textureStore(luma, at, vec4<f32>(luma_code(colour) / 255.0, 0.0, 0.0, 1.0));
        }
        textureStore(chroma, vec2<u32>(x, y) / 2u, vec4<f32>(chroma_codes(0.25 * sum) / 255.0, 0.0, 1.0));
    }
}
