using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>Ends streams with the program, and begins each play mode afresh where the editor does not reload the domain.</summary>
    internal static class Lifetime
    {
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        internal static void Begin()
        {
            StreamManager.ResetStatics();
            CameraStreamer.ResetStatics();
            Library.ShutdownAll();
            Application.quitting -= Library.ShutdownAll;
            Application.quitting += Library.ShutdownAll;
        }
    }
}
