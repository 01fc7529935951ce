using Rendercast.Streaming;
using UnityEngine;

namespace Rendercast.Samples
{
    /// <summary>Turns by itself, and as a viewer's keys and mouse say.</summary>
    public sealed class SpinningCube : MonoBehaviour
    {
        // Numbers of the keys are those of the Input System's Key.
        const int LeftArrow = 61;
        const int RightArrow = 62;

        [SerializeField] InputReceiver input;
        [SerializeField] float degreesPerSecond = 45f;

        public InputReceiver Input { get { return input; } set { input = value; } }

        void OnEnable()
        {
            if (input == null) return;
            input.KeyChanged += Turn;
            input.MouseChanged += Tilt;
        }

        void OnDisable()
        {
            if (input == null) return;
            input.KeyChanged -= Turn;
            input.MouseChanged -= Tilt;
        }

        void Update()
        {
            transform.Rotate(0f, degreesPerSecond * Time.deltaTime, 0f);
        }

        void Turn(in StreamInput key)
        {
            if (!key.Down) return;
            if (key.Key == LeftArrow) degreesPerSecond = -Mathf.Abs(degreesPerSecond);
            if (key.Key == RightArrow) degreesPerSecond = Mathf.Abs(degreesPerSecond);
        }

        void Tilt(in StreamInput mouse)
        {
            if ((mouse.Buttons & 1) != 0) transform.Rotate(5f, 0f, 0f);
        }
    }
}
