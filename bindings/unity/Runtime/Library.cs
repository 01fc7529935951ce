using System;
using Rendercast.Streaming.Interop;

namespace Rendercast.Streaming
{
    /// <summary>What concerns the native library as a whole.</summary>
    public static unsafe class Library
    {
        /// <summary>Longest text of <see cref="LastError"/>, NUL included.</summary>
        const int ErrorBytes = 1024;

        /// <summary>The library was built without them, or is missing.</summary>
        static bool s_withoutRenderEvents;

        /// <summary>Why the native library cannot be used, or null when it can. For people.</summary>
        public static string Problem
        {
            get
            {
                try
                {
                    var found = NativeMethods.rendercast_version_number();
                    return Compatible(found) ? null : Mismatch(found);
                }
                catch (DllNotFoundException error)
                {
                    return "The native library rendercast was not found. Build the package with bindings/unity/build-package.sh, " +
                        "which puts it into Runtime/Plugins. " + error.Message;
                }
                catch (EntryPointNotFoundException error)
                {
                    return "The native library rendercast is of another version than this package. " + error.Message;
                }
                catch (BadImageFormatException error)
                {
                    return "The native library rendercast is for another platform. " + error.Message;
                }
            }
        }

        /// <summary>Version of the native library, "major.minor.patch".</summary>
        public static string Version
        {
            get { return Utf8.Decode(NativeMethods.rendercast_version(), 64); }
        }

        /// <summary>Streamers alive in this process, of all script domains.</summary>
        public static int LiveObjectCount
        {
            get { return (int)NativeMethods.rendercast_live_object_count(); }
        }

        /// <summary>Whether render events take textures on this graphics device. Otherwise pictures are read back.</summary>
        public static bool CanTakeTextures
        {
            get
            {
                if (s_withoutRenderEvents) return false;
                try
                {
                    return NativeMethods.rendercast_unity_can_take_textures() != 0
                        && NativeMethods.rendercast_unity_event_id() >= 0;
                }
                catch (Exception error) when (error is EntryPointNotFoundException || error is DllNotFoundException)
                {
                    // Asked every frame, and an exception is slow.
                    s_withoutRenderEvents = true;
                    return false;
                }
            }
        }

        /// <summary>
        /// Ends every streamer of the process, those that an unloaded script domain forgot included. Does nothing where the
        /// library is missing. Blocks until all threads have ended, at most about two seconds a streamer.
        /// </summary>
        public static void ShutdownAll()
        {
            try
            {
                NativeMethods.rendercast_shutdown_all();
            }
            catch (Exception error) when (error is DllNotFoundException || error is EntryPointNotFoundException
                || error is BadImageFormatException)
            {
                // Nothing was ever started then; Problem says what is wrong.
            }
        }

        /// <summary>The text of the last failure on this thread.</summary>
        internal static string LastError(Status status)
        {
            var buffer = stackalloc byte[ErrorBytes];
            buffer[0] = 0;
            NativeMethods.rendercast_last_error(buffer, ErrorBytes, null);
            var text = Utf8.Decode(buffer, ErrorBytes);
            return text.Length != 0 ? text : Utf8.Decode(NativeMethods.rendercast_status_name((int)status), 64);
        }

        /// <summary>Structures say their size, so a newer library of the same minor version takes ours.</summary>
        static bool Compatible(uint found)
        {
            return found >> 8 == NativeMethods.RENDERCAST_VERSION_NUMBER >> 8;
        }

        static string Mismatch(uint found)
        {
            var own = NativeMethods.RENDERCAST_VERSION_NUMBER;
            return "The native library rendercast is " + (found >> 16) + "." + (found >> 8 & 255) + ", this package needs " +
                (own >> 16) + "." + (own >> 8 & 255) + ". Restart the editor after an update: it keeps the old library loaded.";
        }
    }
}
