using UnityEngine;

namespace Rendercast.Streaming.Interop
{
    internal static unsafe class InputReader
    {
        /// <param name="text">What of its data is text.</param>
        internal static StreamInput Read(rendercast_input* from, TextCache texts, string text)
        {
            var isComposition = from->kind == NativeMethods.RENDERCAST_INPUT_COMPOSITION;
            return new StreamInput
            {
                Kind = (InputKind)from->kind,
                Viewer = from->viewer,
                Key = (int)from->key,
                ReceivedNs = from->received_ns,
                Down = from->down != 0,
                Repeat = from->repeat != 0,
                Character = (int)from->character,
                Buttons = from->buttons,
                PageTimeUs = from->page_time_us,
                PictureSize = new Vector2Int((int)from->width, (int)from->height),
                Position = new Vector2(from->x, from->y),
                Normalized = new Vector2(from->normalized_x, from->normalized_y),
                Movement = new Vector2(from->movement_x, from->movement_y),
                Delta = new Vector2(from->delta_x, from->delta_y),
                Force = from->force,
                Radius = new Vector2(from->radius_x, from->radius_y),
                TouchId = from->touch_id,
                Phase = isComposition ? FingerPhase.None : (FingerPhase)from->phase,
                Tilt = new Vector2Int(from->tilt_x, from->tilt_y),
                Twist = (int)from->twist,
                Composition = isComposition ? (CompositionPhase)from->phase : CompositionPhase.None,
                Caret = (int)from->caret,
                PadIndex = (int)from->pad_index,
                LeftStick = new Vector2(from->axes[0], from->axes[1]),
                RightStick = new Vector2(from->axes[2], from->axes[3]),
                LeftTrigger = from->axes[4],
                RightTrigger = from->axes[5],
                Abilities = (GamepadAbilities)from->flags,
                Text = text,
                PageButton = from->page_button,
                IsText = from->is_text != 0,
                MessageLength = from->kind == NativeMethods.RENDERCAST_INPUT_MESSAGE ? (int)from->data_len : 0,
                Channel = texts.Decode(from->channel, NativeMethods.RENDERCAST_CHANNEL_SIZE)
            };
        }
    }

    internal static unsafe class StatsReader
    {
        internal static StreamStats Read(rendercast_stats* from, TextCache texts)
        {
            return new StreamStats
            {
                Viewers = (int)from->viewers,
                UptimeMs = from->uptime_ms,
                Encoders = (int)from->encoders,
                Encoder = texts.Decode(from->encoder, NativeMethods.RENDERCAST_ENCODER_SIZE),
                Width = (int)from->width,
                Height = (int)from->height,
                ConvertP50Us = from->convert_p50_us,
                ConvertP99Us = from->convert_p99_us,
                EncodeP50Us = from->encode_p50_us,
                EncodeP99Us = from->encode_p99_us,
                TransitP50Us = from->transit_p50_us,
                TransitP99Us = from->transit_p99_us,
                TargetBitrateKbps = from->target_bitrate_kbps,
                VideoFramesPushed = from->video_frames_pushed,
                VideoFramesDropped = from->video_frames_dropped,
                VideoFramesEncoded = from->video_frames_encoded,
                KeyframesEncoded = from->keyframes_encoded,
                AudioBlocksPushed = from->audio_blocks_pushed,
                AudioBlocksDropped = from->audio_blocks_dropped,
                ViewerResyncs = from->viewer_resyncs,
                PacketsSent = from->packets_sent,
                BytesSent = from->bytes_sent,
                InputEvents = from->input_events,
                InputEventsDropped = from->input_events_dropped
            };
        }
    }
}
