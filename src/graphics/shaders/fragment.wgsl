// For OpenGL without compute shaders. Draws into RGBA8 texels, luma_stride / 4 across and 3 * target height / 2 down, which
// read row after row are the same bytes that `compute.wgsl` writes. Needs no vertex buffer: three vertices cover it all.

@vertex
fn vertex_all(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(f32(index & 1u), f32(index >> 1u));
    return vec4<f32>(4.0 * corner - 1.0, 0.0, 1.0);
}

// The mean of as many pixels, right and down of one: 1, 4 or none. Counting them costs a driver that executes both sides of
// every branch only what is there.
fn average(x: u32, y: u32, pixels: u32, size: vec2<u32>) -> vec3<f32> {
    var sum = vec3<f32>(0.0);
    for (var i = 0u; i < pixels; i++) {
        sum += shown(x + (i & 1u), y + (i >> 1u), size);
    }
    return sum * select(0.25, 1.0, pixels == 1u);
}

@fragment
fn fragment_all(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let size = source_size();
    let byte = u32(position.y) * params.luma_stride + 4u * u32(position.x);
    let is_luma = byte < params.u_offset;
    let is_v = byte >= params.v_offset;
    let is_pairs = !is_luma && has(INTERLEAVED);
    let inside = byte - select(select(params.u_offset, params.v_offset, is_v), 0u, is_luma);
    let stride = select(params.chroma_stride, params.luma_stride, is_luma);
    let row = inside / stride;
    let column = inside - row * stride;
    // Four samples, or U and V of two, each of one pixel or of 2x2.
    let side = select(2u, 1u, is_luma);
    let x = select(column, column / 2u, is_pairs) * side;
    let y = row * side;
    let pixels = side * side;
    let more = select(pixels, 0u, is_pairs);
    let a = average(x, y, pixels, size);
    let b = average(x + side, y, pixels, size);
    let c = average(x + 2u * side, y, more, size);
    let d = average(x + 3u * side, y, more, size);
    let luma = vec4<f32>(luma_code(a), luma_code(b), luma_code(c), luma_code(d));
    let left = vec4<f32>(chroma_codes(a), chroma_codes(b));
    let right = vec4<f32>(chroma_codes(c), chroma_codes(d));
    let plane = select(vec4<f32>(left.xz, right.xz), vec4<f32>(left.yw, right.yw), is_v);
    let codes = select(select(plane, left, is_pairs), luma, is_luma);
    // Exactly the codes that the compute shader writes, however the target rounds.
    return floor(codes + 0.5) / 255.0;
}
