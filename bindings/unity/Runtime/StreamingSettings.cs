using UnityEngine;

namespace Rendercast.Streaming
{
    /// <summary>A configuration as an asset, to be shared by scenes. Read when streaming starts.</summary>
    [CreateAssetMenu(fileName = "StreamingSettings", menuName = "Rendercast/Streaming Settings", order = 300)]
    public sealed class StreamingSettings : ScriptableObject
    {
        public StreamingConfiguration configuration = new StreamingConfiguration();
    }
}
