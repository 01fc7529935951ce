// One invocation makes 8x2 pixels, so that it writes whole words: memory has no smaller unit here.

@group(0) @binding(1) var<storage, read_write> picture: array<u32>;

@compute @workgroup_size(8, 8)
fn convert(@builtin(global_invocation_id) invocation: vec3<u32>) {
    let x = invocation.x * 8u;
    let y = invocation.y * 2u;
    if x >= params.target_size.x || y >= params.target_size.y {
        return;
    }
    let size = source_size();
    let upper = (y * params.luma_stride + x) / 4u;
    let lower = upper + params.luma_stride / 4u;
    let chroma_row = (y / 2u) * params.chroma_stride;
    var u = 0u;
    var v = 0u;
    for (var half = 0u; half < 2u; half++) {
        var luma = vec2<u32>(0u, 0u);
        var chroma = 0u;
        for (var pair = 0u; pair < 2u; pair++) {
            var sum = vec3<f32>(0.0);
            for (var column = 0u; column < 2u; column++) {
                let dx = 2u * pair + column;
                let above = shown(x + 4u * half + dx, y, size);
                let below = shown(x + 4u * half + dx, y + 1u, size);
                luma |= vec2<u32>(rounded(luma_code(above)), rounded(luma_code(below))) << vec2<u32>(8u * dx);
                sum += above + below;
            }
            let codes = chroma_codes(0.25 * sum);
            let cb = rounded(codes.x);
            let cr = rounded(codes.y);
            chroma |= (cb | (cr << 8u)) << (16u * pair);
            u |= cb << (16u * half + 8u * pair);
            v |= cr << (16u * half + 8u * pair);
        }
        picture[upper + half] = luma.x;
        picture[lower + half] = luma.y;
        if has(INTERLEAVED) {
            picture[(params.u_offset + chroma_row + x) / 4u + half] = chroma;
        }
    }
    if !has(INTERLEAVED) {
        picture[(params.u_offset + chroma_row + x / 2u) / 4u] = u;
        picture[(params.v_offset + chroma_row + x / 2u) / 4u] = v;
    }
}
