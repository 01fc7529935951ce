using System;
using Unity.Collections;
using UnityEngine;
using UnityEngine.Rendering;

namespace Rendercast.Streaming
{
    /// <summary>
    /// The way for graphics devices whose textures the library does not take: pictures come to main memory some frames later,
    /// without waiting for the GPU, and are pushed from there.
    /// </summary>
    internal sealed class Readback : IDisposable
    {
        /// <summary>Unity delivers after two to three frames.</summary>
        const int Slots = 4;

        sealed class Slot
        {
            internal NativeArray<byte> Pixels;
            internal AsyncGPUReadbackRequest Request;
            internal Vector2Int Size;
            internal bool BottomUp;
        }

        readonly Slot[] _slots = new Slot[Slots];
        // The oldest request, and how many there are: the GPU answers in order.
        int _first;
        int _count;

        /// <summary>Pictures skipped because every slot waited for the GPU.</summary>
        internal long Skipped { get; private set; }

        /// <summary>Pictures that the graphics device did not deliver.</summary>
        internal long Failed { get; private set; }

        /// <summary>Asks for a texture's pixels, RGBA.</summary>
        internal void Request(Texture texture, bool bottomUp)
        {
            if (_count == Slots)
            {
                Skipped++;
                return;
            }
            var at = (_first + _count) % Slots;
            var slot = _slots[at] ?? (_slots[at] = new Slot());
            var bytes = texture.width * texture.height * 4;
            if (!slot.Pixels.IsCreated || slot.Pixels.Length != bytes)
            {
                if (slot.Pixels.IsCreated) slot.Pixels.Dispose();
                slot.Pixels = new NativeArray<byte>(bytes, Allocator.Persistent, NativeArrayOptions.UninitializedMemory);
            }
            slot.Size = new Vector2Int(texture.width, texture.height);
            slot.BottomUp = bottomUp;
            slot.Request = AsyncGPUReadback.RequestIntoNativeArray(ref slot.Pixels, texture, 0, TextureFormat.RGBA32);
            _count++;
        }

        /// <summary>Pushes what has arrived. Once a frame: Unity keeps an answer for one frame only.</summary>
        internal Status PushArrived(Streamer streamer)
        {
            var status = Status.Empty;
            while (_count > 0 && _slots[_first].Request.done)
            {
                var slot = _slots[_first];
                if (slot.Request.hasError) Failed++;
                else status = streamer.PushFrame(slot.Pixels, PixelFormat.Rgba8, slot.Size.x, slot.Size.y, 0, slot.BottomUp);
                Next();
            }
            return status;
        }

        /// <summary>Waits for the GPU, which writes into the memory until then, and frees it.</summary>
        public void Dispose()
        {
            for (; _count > 0; Next()) _slots[_first].Request.WaitForCompletion();
            foreach (var slot in _slots)
            {
                if (slot != null && slot.Pixels.IsCreated) slot.Pixels.Dispose();
            }
        }

        void Next()
        {
            _first = (_first + 1) % Slots;
            _count--;
        }
    }
}
