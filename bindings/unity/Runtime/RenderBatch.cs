using System;
using System.Runtime.InteropServices;
using Rendercast.Streaming.Interop;
using UnityEngine;
using UnityEngine.Rendering;

namespace Rendercast.Streaming
{
    /// <summary>
    /// The textures of one frame, handed to the library on Unity's render thread by one render event. The thread reads the memory
    /// some frames later, so there are several batches in turn.
    /// </summary>
    internal static unsafe class RenderBatch
    {
        /// <summary>Unity's render thread is one frame behind; two more for what the driver queues.</summary>
        const int Batches = 4;
        /// <summary>The library has no more streamers.</summary>
        internal const int MaxFrames = 64;

        static readonly int s_batchBytes = sizeof(rendercast_unity_batch) + MaxFrames * sizeof(rendercast_unity_frame);
        // Never freed: at a domain reload or at the end the render thread may still read it. It is 16 KiB.
        static byte* s_memory;
        static int s_current;
        static CommandBuffer s_commands;

        static rendercast_unity_batch* Batch
        {
            get { return (rendercast_unity_batch*)(s_memory + s_current * s_batchBytes); }
        }

        /// <summary>Begins the batch of a frame.</summary>
        internal static void Begin()
        {
            if (s_memory == null) s_memory = (byte*)Marshal.AllocHGlobal(Batches * s_batchBytes);
            s_current = (s_current + 1) % Batches;
            Batch->size = (uint)sizeof(rendercast_unity_batch);
            Batch->count = 0;
            Batch->frames = (rendercast_unity_frame*)(Batch + 1);
        }

        /// <summary>Adds a texture; more than <see cref="MaxFrames"/> are left out.</summary>
        internal static void Add(rendercast_unity_frame frame)
        {
            if (Batch->count >= MaxFrames) return;
            frame.size = (uint)sizeof(rendercast_unity_frame);
            Batch->frames[Batch->count++] = frame;
        }

        /// <summary>Queues the render event. Nothing is queued for an empty batch.</summary>
        internal static void Submit()
        {
            if (Batch->count == 0) return;
            var function = (IntPtr)NativeMethods.rendercast_unity_render_event();
            var id = NativeMethods.rendercast_unity_event_id();
            if (function == IntPtr.Zero || id < 0) return;
            if (s_commands == null) s_commands = new CommandBuffer { name = "Rendercast" };
            s_commands.Clear();
            s_commands.IssuePluginEventAndData(function, id, (IntPtr)Batch);
            Graphics.ExecuteCommandBuffer(s_commands);
        }
    }
}
