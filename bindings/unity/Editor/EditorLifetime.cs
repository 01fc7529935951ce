using UnityEditor;

namespace Rendercast.Streaming.Editor
{
    /// <summary>
    /// Ends every stream before scripts are reloaded and when the editor quits, and, first thing in a new script domain, those that the
    /// one before forgot: the native library outlives domains, with its ports and threads.
    /// </summary>
    [InitializeOnLoad]
    internal static class EditorLifetime
    {
        static EditorLifetime()
        {
            Library.ShutdownAll();
            AssemblyReloadEvents.beforeAssemblyReload += Library.ShutdownAll;
            EditorApplication.quitting += Library.ShutdownAll;
        }
    }
}
