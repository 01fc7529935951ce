using Rendercast.Streaming.Interop;

namespace Rendercast.Streaming
{
    public enum ViewerRole : uint
    {
        None = 0,
        /// <summary>Its input reaches nobody, but for messages.</summary>
        Spectator = NativeMethods.RENDERCAST_ROLE_SPECTATOR,
        Player = NativeMethods.RENDERCAST_ROLE_PLAYER
    }

    /// <summary>Which viewers are players; the others watch.</summary>
    public enum PlayerPolicy
    {
        /// <summary>Whoever comes, as long as there is a place.</summary>
        Everyone,
        /// <summary>Who came first; the others wait in line.</summary>
        First,
        /// <summary>Who knows the player token.</summary>
        Token,
        /// <summary>Whom Streamer.SetViewerRole makes one.</summary>
        Host
    }

    /// <summary>What a text field is for.</summary>
    public enum KeyboardMode : uint
    {
        Text = NativeMethods.RENDERCAST_KEYBOARD_TEXT,
        Numeric = NativeMethods.RENDERCAST_KEYBOARD_NUMERIC,
        Email = NativeMethods.RENDERCAST_KEYBOARD_EMAIL,
        Url = NativeMethods.RENDERCAST_KEYBOARD_URL,
        Search = NativeMethods.RENDERCAST_KEYBOARD_SEARCH,
        Password = NativeMethods.RENDERCAST_KEYBOARD_PASSWORD
    }

    /// <summary>
    /// Viewers' roles, and what their pages are to do. A viewer is named as events and input name it; 0 is everybody. Nothing
    /// here blocks or throws.
    /// </summary>
    public static unsafe class ViewerFeedback
    {
        /// <summary>Makes a viewer a player, or a spectator, who lets go of everything.</summary>
        /// <returns>Ok, NoViewer, TooMany (all places are taken), or a failure.</returns>
        public static Status SetViewerRole(this Streamer streamer, uint viewer, ViewerRole role)
        {
            return (Status)NativeMethods.rendercast_set_viewer_role(streamer.Handle, viewer, (uint)role);
        }

        /// <summary>Shakes a gamepad; strengths 0 to 1, up to 5 s. 0 s stops.</summary>
        /// <returns>Ok (on its way), WouldBlock, NoViewer, NoChannel, or a failure.</returns>
        public static Status Rumble(
            this Streamer streamer, uint viewer, int pad, float strong, float weak, float seconds,
            float leftTrigger = 0, float rightTrigger = 0)
        {
            var rumble = new rendercast_rumble
            {
                size = (uint)sizeof(rendercast_rumble),
                pad = (uint)pad,
                strong = strong,
                weak = weak,
                left_trigger = leftTrigger,
                right_trigger = rightTrigger,
                duration_ms = (uint)(seconds * 1000)
            };
            return (Status)NativeMethods.rendercast_viewer_rumble(streamer.Handle, viewer, &rumble);
        }

        /// <summary>Shows another cursor: a keyword of CSS, "none" among them; null is the page's own.</summary>
        public static Status SetCursor(this Streamer streamer, uint viewer, string cursor)
        {
            fixed (byte* shape = Encode(cursor))
            {
                return (Status)NativeMethods.rendercast_viewer_set_cursor(streamer.Handle, viewer, shape);
            }
        }

        /// <summary>Locks the pointer at the viewer's next gesture, or lets it go.</summary>
        public static Status SetPointerLock(this Streamer streamer, uint viewer, bool on)
        {
            return (Status)NativeMethods.rendercast_viewer_set_pointer_lock(streamer.Handle, viewer, on ? 1u : 0u);
        }

        /// <summary>Opens a text field on the page; its content comes as <see cref="InputKind.TextField"/>.</summary>
        /// <param name="selectionStart">In characters; the caret, where it is the end too.</param>
        public static Status ShowKeyboard(
            this Streamer streamer, uint viewer, string text = null, int selectionStart = 0, int selectionEnd = 0,
            KeyboardMode mode = KeyboardMode.Text, string label = null)
        {
            fixed (byte* content = Encode(text))
            fixed (byte* name = Encode(label))
            {
                var keyboard = new rendercast_keyboard
                {
                    size = (uint)sizeof(rendercast_keyboard),
                    mode = (uint)mode,
                    text = content,
                    label = name,
                    selection_start = (uint)selectionStart,
                    selection_end = (uint)selectionEnd
                };
                return (Status)NativeMethods.rendercast_viewer_show_keyboard(streamer.Handle, viewer, &keyboard);
            }
        }

        /// <summary>Closes the text field.</summary>
        public static Status HideKeyboard(this Streamer streamer, uint viewer)
        {
            return (Status)NativeMethods.rendercast_viewer_hide_keyboard(streamer.Handle, viewer);
        }

        /// <summary>Puts a text into the viewer's clipboard, where the configuration's clipboard is on.</summary>
        public static Status SetClipboard(this Streamer streamer, uint viewer, string text)
        {
            fixed (byte* content = Encode(text))
            {
                return (Status)NativeMethods.rendercast_viewer_set_clipboard(streamer.Handle, viewer, content);
            }
        }

        /// <summary>Sends a viewer away; its page shows the reason.</summary>
        public static Status Kick(this Streamer streamer, uint viewer, string reason = null)
        {
            fixed (byte* text = Encode(reason))
            {
                return (Status)NativeMethods.rendercast_kick(streamer.Handle, viewer, text);
            }
        }

        /// <summary>Has the page keep the last picture until it is switched off.</summary>
        public static Status Freeze(this Streamer streamer, uint viewer, bool on)
        {
            return (Status)NativeMethods.rendercast_freeze(streamer.Handle, viewer, on ? 1u : 0u);
        }

        /// <summary>A null array is pinned as a null pointer.</summary>
        static byte[] Encode(string text)
        {
            return text == null ? null : Utf8.Encode(text);
        }
    }
}
